using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>The back ends of this machine: each cryptographic battery runs once per name.</summary>
public static class Backends
{
    public static TheoryData<string> Names => new(CryptoBackend.Available.Select(backend => backend.Name));

    /// <summary>Runs a test's body on the named back end.</summary>
    internal static void On(string name, Action body) => CryptoBackend.Available.Single(backend => backend.Name == name).Run(body);
}

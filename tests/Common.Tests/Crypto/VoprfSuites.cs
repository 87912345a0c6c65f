using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>The VOPRF suites by name, so that every battery runs once on each.</summary>
internal static class VoprfSuites
{
    private static readonly VoprfSuite[] All = [VoprfSuite.P384Sha384, VoprfSuite.Ristretto255Sha512];

    public static TheoryData<string> Names => new(All.Select(suite => suite.Identifier));

    /// <summary>The suite; skips with its own reason where this machine lacks its library.</summary>
    public static VoprfSuite Usable(string identifier)
    {
        VoprfSuite suite = All.Single(suite => suite.Identifier == identifier);
        Assert.SkipUnless(suite.Missing is null, suite.Missing ?? "");
        return suite;
    }
}

using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>Reads the trust bundle that the options name.</summary>
internal static class TrustBundleFile
{
    /// <summary>The bundle.</summary>
    /// <exception cref="ArgumentException">The file is no bundle; <see cref="TryRead"/> says why.</exception>
    public static TrustBundle Read(string path) => TryRead(path, out TrustBundle? bundle, out string problem) ? bundle! : throw new ArgumentException($"{path}: {problem}.", nameof(path));

    /// <summary>The bundle, or what is wrong in one line.</summary>
    public static bool TryRead(string path, out TrustBundle? bundle, out string problem)
    {
        bundle = null;
        try
        {
            return TrustBundle.TryParse(File.ReadAllBytes(path), out bundle, out problem);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read ({failure.GetType().Name})";
            return false;
        }
    }
}

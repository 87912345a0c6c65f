using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>A directory that parses is written in a form that parses to the same.</summary>
public static class IssuerDirectoryTarget
{
    private static readonly Uri Issuer = new("https://issuer.example" + IssuerDirectory.WellKnownPath);

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!IssuerDirectory.TryParse(input.ToArray(), out IssuerDirectory? directory, out _))
            return;

        directory.TryResolveRequestUri(Issuer, out _);
        directory.TryFindUsable(0x0002, DateTimeOffset.UnixEpoch, out _, out _);
        byte[] written = directory.Write();
        if (!IssuerDirectory.TryParse(written, out IssuerDirectory? again, out _) || !again.Write().AsSpan().SequenceEqual(written))
            throw new InvalidOperationException("A directory changed when it was written again.");
    }
}

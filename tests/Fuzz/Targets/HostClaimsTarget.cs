using Veil.Attestation;

namespace Veil.Fuzz.Targets;

/// <summary>Claims that were read are written again as the same bytes.</summary>
public static class HostClaimsTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (HostClaims.TryParse(input, out HostClaims? claims, out _) && !claims.Encode().AsSpan().SequenceEqual(input))
            throw new InvalidOperationException("Claims changed when they were written again.");
    }
}

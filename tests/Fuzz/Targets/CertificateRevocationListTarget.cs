using Veil.Attestation;

namespace Veil.Fuzz.Targets;

/// <summary>Any bytes are a list or are refused.</summary>
public static class CertificateRevocationListTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (CertificateRevocationList.TryParse(input.ToArray(), out CertificateRevocationList? list) && (list.Count * 2 > input.Length || list.ThisUpdate > list.NextUpdate))
            throw new InvalidOperationException("A list holds more than its bytes, or ends before it begins.");
    }
}

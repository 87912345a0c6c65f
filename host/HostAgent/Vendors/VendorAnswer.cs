using System.Text;
using Veil.Attestation;

namespace Veil.HostAgent.Vendors;

/// <summary>What a manufacturer answered, in the form in which it travels with evidence.</summary>
/// <param name="FetchedAt">When.</param>
/// <param name="Endorsements">At least one, each well-formed; nothing is known of their signatures.</param>
internal sealed record VendorAnswer(DateTimeOffset FetchedAt, IReadOnlyList<Endorsement> Endorsements)
{
    /// <summary>
    /// Reads an answer; null where it is not what was asked for, so that a login page or an error text is never kept. Certificates and lists come as DER or PEM,
    /// and from older caches as DER in hexadecimal digits.
    /// </summary>
    public static VendorAnswer? Read(VendorRequest request, byte[] body, string? chain, DateTimeOffset now)
    {
        IReadOnlyList<Endorsement> found = request.MediaType is Endorsement.CertificateMediaType or Endorsement.RevocationListMediaType
            ? Endorsement.ReadFile(FromHex(body) ?? body)
            : [new(request.MediaType, body)];
        bool asked = found.Count is > 0 and <= HostRecord.MaxEndorsements
            && found.All(endorsement => endorsement.MediaType == request.MediaType && endorsement.IsWellFormed()) && request.IsAnswer?.Invoke(found) is not false;
        IReadOnlyList<Endorsement> signers = request.ChainField is null ? [] : Endorsement.ReadFile(Encoding.ASCII.GetBytes(Uri.UnescapeDataString(chain ?? string.Empty)));
        bool signed = request.ChainField is null || signers.Count is > 0 and <= HostRecord.MaxEndorsements;
        return asked && signed ? new(now, [.. found, .. signers]) : null;
    }

    private static byte[]? FromHex(byte[] body)
    {
        string text = Encoding.ASCII.GetString(body).Trim();
        return text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Veil.Attestation.Tdx;

/// <summary>
/// Intel's quote for a TD, versions 4 and 5: a header of 48 bytes, the TD report, and the quoting enclave's signature section, whose lengths nest exactly; integers
/// little-endian. Zero bytes may follow, as clouds hand out quotes in larger buffers. Nothing in it is true before <see cref="AppraisedHost"/> has been made from it.
/// </summary>
public sealed class TdxQuote
{
    /// <summary>Media type of a quote as evidence.</summary>
    public const string MediaType = "application/vnd.veil.tdx-quote";

    /// <summary>Longest quote in bytes, padding included. Quotes have 5 KiB; clouds pad them to 8,000.</summary>
    public const int MaxSize = 16 * 1024;

    /// <summary>Most bytes of the quoting enclave's own data that its report is over. 32 are in use.</summary>
    public const int MaxAuthData = 1024;

    private const int HeaderSize = 48;
    private const ushort SgxVersion = 3;
    private const uint SgxTee = 0;
    private const uint TdxTee = 0x81;
    private const ushort EcdsaP256 = 2;
    private const ushort EnclaveReportData = 6;
    private const ushort PemChain = 5;
    private const ushort TdReport10 = 2;
    private const ushort TdReport15 = 3;
    private const int ScalarsSize = 64;

    private TdxQuote(ReadOnlyMemory<byte> signed, TdReport report) => (SignedBytes, Report) = (signed, report);

    /// <summary>4 or 5.</summary>
    public required ushort Version { get; init; }

    /// <summary>Header and report: what the attestation key signed.</summary>
    public ReadOnlyMemory<byte> SignedBytes { get; }

    /// <summary>The TD's report.</summary>
    public TdReport Report { get; }

    /// <summary>Whose quoting enclave this is, 16 bytes.</summary>
    public ReadOnlySpan<byte> Vendor => SignedBytes.Span.Slice(12, 16);

    /// <summary>ECDSA P-256 over <see cref="SignedBytes"/>, r || s, big-endian.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>The attestation key, x || y, big-endian.</summary>
    public required ReadOnlyMemory<byte> AttestationKey { get; init; }

    /// <summary>The quoting enclave's own report, which names the attestation key.</summary>
    public required EnclaveReport EnclaveReport { get; init; }

    /// <summary>ECDSA P-256 by the PCK over the enclave's report, r || s.</summary>
    public required ReadOnlyMemory<byte> EnclaveSignature { get; init; }

    /// <summary>The enclave's own data, which its report is over as well.</summary>
    public required ReadOnlyMemory<byte> AuthData { get; init; }

    /// <summary>PEM text: PCK leaf, intermediate and root.</summary>
    public required ReadOnlyMemory<byte> CertificateChain { get; init; }

    /// <summary>True when the enclave's report is over the attestation key and the enclave's data: SHA-256 of both, then 32 zero bytes.</summary>
    public bool IsKeyBound()
    {
        Span<byte> expected = stackalloc byte[ScalarsSize];
        expected.Clear();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(AttestationKey.Span);
        hash.AppendData(AuthData.Span);
        hash.GetHashAndReset(expected);
        return CryptographicOperations.FixedTimeEquals(EnclaveReport.ReportData, expected);
    }

    /// <summary>Parses one quote; other versions, kinds of key and of TEE, and lengths that do not nest are refused.</summary>
    /// <param name="source">Untrusted; the quote keeps slices of it.</param>
    /// <param name="quote">The quote.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out TdxQuote? quote, out AttestationError error)
    {
        quote = null;
        error = source.Length > MaxSize ? AttestationError.TooLarge : Examine(source.Span);
        if (error is not AttestationError.None)
        {
            return false;
        }

        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(source.Span);
        var reader = new QuoteReader(source);
        reader.Take(HeaderSize);
        ushort bodyType = version == 5 ? reader.ReadUInt16() : TdReport10;
        uint bodySize = version == 5 ? reader.ReadUInt32() : TdReport.Size10;
        if (bodyType is not (TdReport10 or TdReport15))
        {
            error = reader.Failed ? AttestationError.BadLength : AttestationError.UnsupportedVersion;
            return false;
        }

        ReadOnlyMemory<byte> body = reader.Take(bodyType == TdReport10 ? (uint)TdReport.Size10 : TdReport.Size15);
        ReadOnlyMemory<byte> signed = source[..reader.Position];

        // Signature section, then certification data 6, then certification data 5: each must end where the one around it ends.
        var section = new QuoteReader(reader.Take(reader.ReadUInt32()));
        ReadOnlyMemory<byte> signature = section.Take(ScalarsSize);
        ReadOnlyMemory<byte> key = section.Take(ScalarsSize);
        ushort outerType = section.ReadUInt16();
        var data = new QuoteReader(section.Take(section.ReadUInt32()));
        ReadOnlyMemory<byte> enclave = data.Take(EnclaveReport.Size);
        ReadOnlyMemory<byte> enclaveSignature = data.Take(ScalarsSize);
        ReadOnlyMemory<byte> authData = data.Take(data.ReadUInt16());
        ushort innerType = data.ReadUInt16();
        ReadOnlyMemory<byte> chain = data.Take(data.ReadUInt32());
        bool nests = bodySize == body.Length && !reader.Failed && section.Completed && data.Completed && authData.Length <= MaxAuthData;
        error = !nests ? AttestationError.BadLength
            : outerType != EnclaveReportData || innerType != PemChain ? AttestationError.BadCertificationData
            : reader.Rest.Span.ContainsAnyExcept((byte)0) ? AttestationError.BadLength
            : !TdReport.IsReservedZero(body.Span) ? AttestationError.ReservedNotZero
            : AttestationError.None;
        if (error is AttestationError.None)
        {
            quote = new(signed, new(body))
            {
                Version = version,
                Signature = signature,
                AttestationKey = key,
                EnclaveReport = new(enclave),
                EnclaveSignature = enclaveSignature,
                AuthData = authData,
                CertificateChain = chain,
            };
        }

        return quote is not null;
    }

    private static AttestationError Examine(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeaderSize)
        {
            return AttestationError.BadLength;
        }

        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(source);
        uint tee = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        return version is SgxVersion || (version is 4 or 5 && tee == SgxTee) ? AttestationError.SgxNotAccepted
            : version is not (4 or 5) ? AttestationError.UnsupportedVersion
            : tee != TdxTee ? AttestationError.UnsupportedTee
            : BinaryPrimitives.ReadUInt16LittleEndian(source[2..]) != EcdsaP256 ? AttestationError.UnsupportedSignatureAlgorithm
            : source[8..12].ContainsAnyExcept((byte)0) ? AttestationError.ReservedNotZero
            : AttestationError.None;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;

namespace Veil.Attestation;

/// <summary>
/// A host's claims with the evidence that binds them and the endorsements of that evidence. It travels as a CMW collection
/// (draft-ietf-rats-msg-wrap) in canonical CBOR, the same bytes in a certificate extension and in a document:
/// <code>
/// { "claims": [type, bytes], "evidence": [type, bytes, 4], "endorsements": { 0: [type, bytes, 2], 1: … } }
/// </code>
/// Indefinite lengths, duplicate or unordered labels, unknown labels and bytes left over are refused.
/// </summary>
public sealed class HostRecord
{
    /// <summary>Longest encoding in bytes. A certificate carries it in every handshake; today's largest evidence (TDX) has 10 KiB.</summary>
    public const int MaxSize = 64 * 1024;

    /// <summary>Most endorsements: a chain of four, its revocation lists and collateral.</summary>
    public const int MaxEndorsements = 16;

    private const int MaxMediaTypeSize = 127;
    private const uint EvidenceIndicator = 1 << 2;
    private const uint EndorsementIndicator = 1 << 1;

    /// <summary>Puts a record together.</summary>
    /// <param name="encodedClaims">The exact bytes of <see cref="HostClaims"/>; hashes are over these.</param>
    /// <param name="evidence">Evidence over the claims' bound value.</param>
    /// <param name="endorsements">At most <see cref="MaxEndorsements"/>.</param>
    public HostRecord(ReadOnlyMemory<byte> encodedClaims, Evidence evidence, IReadOnlyList<Endorsement> endorsements)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(endorsements);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(endorsements.Count, MaxEndorsements);
        EncodedClaims = encodedClaims;
        Evidence = evidence;
        Endorsements = endorsements;
    }

    /// <summary>The exact bytes of the claims.</summary>
    public ReadOnlyMemory<byte> EncodedClaims { get; }

    /// <summary>The evidence.</summary>
    public Evidence Evidence { get; }

    /// <summary>The endorsements, in the host's order.</summary>
    public IReadOnlyList<Endorsement> Endorsements { get; }

    /// <summary>Parses one whole record; the claims inside are opened by the appraisal.</summary>
    /// <param name="source">Untrusted, at most <see cref="MaxSize"/> bytes; the record keeps slices of it.</param>
    /// <param name="record">The record.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out HostRecord? record, out AttestationError error)
    {
        record = null;
        error = source.Length > MaxSize ? AttestationError.TooLarge : AttestationError.BadRecord;
        if (error is AttestationError.TooLarge)
        {
            return false;
        }

        try
        {
            record = Read(new CborReader(source, CborConformanceMode.Canonical));
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            // CborReader's way to say that the bytes are not CBOR (content) or not what was asked for (operation, overflow).
            return false;
        }

        error = record is null ? error : AttestationError.None;
        return record is not null;
    }

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        writer.WriteStartMap(3);
        writer.WriteTextString("claims");
        Write(writer, HostClaims.MediaType, EncodedClaims, indicator: null);
        writer.WriteTextString("evidence");
        Write(writer, Evidence.MediaType, Evidence.Bytes, EvidenceIndicator);
        writer.WriteTextString("endorsements");
        writer.WriteStartMap(Endorsements.Count);
        for (int i = 0; i < Endorsements.Count; i++)
        {
            writer.WriteInt32(i);
            Write(writer, Endorsements[i].MediaType, Endorsements[i].Bytes, EndorsementIndicator);
        }

        writer.WriteEndMap();
        writer.WriteEndMap();
        return writer.Encode();
    }

    private static HostRecord? Read(CborReader reader)
    {
        if (reader.ReadStartMap() != 3 || reader.ReadTextString() != "claims")
        {
            return null;
        }

        (string Type, ReadOnlyMemory<byte> Bytes)? claims = ReadMessage(reader, indicator: null);
        if (claims?.Type != HostClaims.MediaType || reader.ReadTextString() != "evidence")
        {
            return null;
        }

        (string Type, ReadOnlyMemory<byte> Bytes)? evidence = ReadMessage(reader, EvidenceIndicator);
        if (evidence is null || reader.ReadTextString() != "endorsements" || reader.ReadStartMap() is not { } count || count > MaxEndorsements)
        {
            return null;
        }

        var endorsements = new Endorsement[count];
        for (int i = 0; i < count; i++)
        {
            if (reader.ReadInt32() != i || ReadMessage(reader, EndorsementIndicator) is not { } endorsement)
            {
                return null;
            }

            endorsements[i] = new(endorsement.Type, endorsement.Bytes);
        }

        reader.ReadEndMap();
        reader.ReadEndMap();
        return reader.BytesRemaining is 0 ? new(claims.Value.Bytes, new(evidence.Value.Type, evidence.Value.Bytes), endorsements) : null;
    }

    private static (string Type, ReadOnlyMemory<byte> Bytes)? ReadMessage(CborReader reader, uint? indicator)
    {
        if (reader.ReadStartArray() != (indicator is null ? 2 : 3))
        {
            return null;
        }

        string type = reader.ReadTextString();
        ReadOnlyMemory<byte> bytes = reader.ReadDefiniteLengthByteString();
        if (type.Length is 0 or > MaxMediaTypeSize || (indicator is { } wanted && reader.ReadUInt32() != wanted))
        {
            return null;
        }

        reader.ReadEndArray();
        return (type, bytes);
    }

    private static void Write(CborWriter writer, string type, ReadOnlyMemory<byte> bytes, uint? indicator)
    {
        writer.WriteStartArray(indicator is null ? 2 : 3);
        writer.WriteTextString(type);
        writer.WriteByteString(bytes.Span);
        if (indicator is { } bits)
        {
            writer.WriteUInt32(bits);
        }

        writer.WriteEndArray();
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace Veil.Attestation.Tdx;

/// <summary>What a PCK certificate says of its platform (extension 1.2.840.113741.1.13.1): a SEQUENCE of {OID, value}.</summary>
internal sealed class PckExtension
{
    /// <summary>The extension.</summary>
    public const string Oid = "1.2.840.113741.1.13.1";

    private const int Components = 16;

    /// <summary>Levels of the sixteen components of the SGX TCB.</summary>
    public required byte[] ComponentSvns { get; init; }

    /// <summary>PCESVN.</summary>
    public required ushort PceSvn { get; init; }

    /// <summary>PCEID, 2 bytes.</summary>
    public required byte[] PceId { get; init; }

    /// <summary>FMSPC, 6 bytes: the kind of platform.</summary>
    public required byte[] Fmspc { get; init; }

    /// <summary>Reads the extension; anything doubled, missing or of another form is refused.</summary>
    public static bool TryRead(ParsedCertificate certificate, [NotNullWhen(true)] out PckExtension? extension)
    {
        extension = null;
        try
        {
            extension = certificate.Extensions.TryGetValue(Oid, out ReadOnlyMemory<byte> value) ? Read(value) : null;
        }
        catch (AsnContentException)
        {
            // AsnReader's way to say that the bytes are not the DER that was asked for.
        }

        return extension is not null;
    }

    private static PckExtension? Read(ReadOnlyMemory<byte> value)
    {
        Dictionary<string, ReadOnlyMemory<byte>>? fields = ReadPairs(value);
        if (fields is null || !fields.TryGetValue($"{Oid}.2", out ReadOnlyMemory<byte> tcbBytes) || ReadPairs(tcbBytes) is not { } tcb
            || !fields.TryGetValue($"{Oid}.3", out ReadOnlyMemory<byte> pceId) || !fields.TryGetValue($"{Oid}.4", out ReadOnlyMemory<byte> fmspc))
        {
            return null;
        }

        byte[] components = new byte[Components];
        for (int i = 0; i < Components; i++)
        {
            if (!TryReadLevel(tcb, i + 1, byte.MaxValue, out int level))
            {
                return null;
            }

            components[i] = (byte)level;
        }

        byte[] id = new AsnReader(pceId, AsnEncodingRules.DER).ReadOctetString();
        byte[] kind = new AsnReader(fmspc, AsnEncodingRules.DER).ReadOctetString();
        bool accepted = TryReadLevel(tcb, Components + 1, ushort.MaxValue, out int pceSvn) && id.Length == 2 && kind.Length == 6;
        return accepted ? new() { ComponentSvns = components, PceSvn = (ushort)pceSvn, PceId = id, Fmspc = kind } : null;
    }

    private static bool TryReadLevel(Dictionary<string, ReadOnlyMemory<byte>> tcb, int index, int most, out int level)
    {
        level = 0;
        return tcb.TryGetValue($"{Oid}.2.{index}", out ReadOnlyMemory<byte> value)
            && new AsnReader(value, AsnEncodingRules.DER).TryReadInt32(out level) && level >= 0 && level <= most;
    }

    private static Dictionary<string, ReadOnlyMemory<byte>>? ReadPairs(ReadOnlyMemory<byte> encoded)
    {
        var pairs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        AsnReader sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        while (sequence.HasData)
        {
            AsnReader pair = sequence.ReadSequence();
            string oid = pair.ReadObjectIdentifier();
            ReadOnlyMemory<byte> value = pair.ReadEncodedValue();
            pair.ThrowIfNotEmpty();
            if (!pairs.TryAdd(oid, value))
            {
                return null;
            }
        }

        return pairs;
    }
}

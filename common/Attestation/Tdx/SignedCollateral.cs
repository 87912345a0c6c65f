using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Veil.Attestation.Tdx;

/// <summary>
/// A document of Intel's provisioning service: <c>{"name":{…},"signature":"128 hexadecimal digits"}</c>, without a byte more. The signature is over the inner object's bytes as they came,
/// which are kept and never written anew.
/// </summary>
internal sealed class SignedCollateral
{
    /// <summary>Longest document in bytes; TCB info with all its levels has less than 16 KiB.</summary>
    public const int MaxSize = 32 * 1024;

    private const int MaxDepth = 16;
    private const int SignatureDigits = 128;
    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private SignedCollateral(ReadOnlyMemory<byte> signed, byte[] signature) => (Signed, Part) = (signed, new(signed, signature));

    private static ReadOnlySpan<byte> Between => ",\"signature\":\""u8;

    private static ReadOnlySpan<byte> After => "\"}"u8;

    /// <summary>The inner object, byte for byte.</summary>
    public ReadOnlyMemory<byte> Signed { get; }

    /// <summary>The same with its signature, ECDSA P-256 with SHA-256, r || s.</summary>
    public SignedPart Part { get; }

    /// <summary>Takes a document apart as Intel writes it; other members, another order, white space, capital digits and anything after the document are refused. The inner object is not looked into.</summary>
    /// <param name="source">Untrusted; slices of it are kept.</param>
    /// <param name="name">The inner object's name.</param>
    /// <param name="collateral">The two parts.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, string name, [NotNullWhen(true)] out SignedCollateral? collateral)
    {
        collateral = null;
        if (source.Length > MaxSize)
        {
            return false;
        }

        collateral = Read(source, name);
        return collateral is not null;
    }

    /// <summary>Opens the inner object; doubled members anywhere are refused.</summary>
    public JsonDocument Open() => JsonDocument.Parse(Signed, Options);

    private static SignedCollateral? Read(ReadOnlyMemory<byte> source, string name)
    {
        // {"name": … ,"signature":"…"}: written this way and no other, since nothing signs what is around the inner object.
        byte[] before = Encoding.UTF8.GetBytes($"{{\"{name}\":{{");
        int end = source.Length - Between.Length - SignatureDigits - After.Length;
        ReadOnlySpan<byte> text = source.Span;
        if (end < before.Length || !text.StartsWith(before) || text[end - 1] != (byte)'}' || !text[end..].StartsWith(Between) || !text.EndsWith(After))
        {
            return null;
        }

        byte[] signature = new byte[SignatureDigits / 2];
        ReadOnlySpan<byte> digits = text.Slice(end + Between.Length, SignatureDigits);
        if (digits.ContainsAnyExcept(LowerHex) || Convert.FromHexString(digits, signature, out _, out _) is not OperationStatus.Done)
        {
            return null;
        }

        return new(source[(before.Length - 1)..end], signature);
    }
}

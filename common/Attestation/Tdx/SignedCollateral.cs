using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Attestation.Tdx;

/// <summary>
/// A document of Intel's provisioning service: <c>{"name":{…},"signature":"128 hexadecimal digits"}</c>. The signature is over the inner object's bytes as they came,
/// which are kept and never written anew.
/// </summary>
internal sealed class SignedCollateral
{
    /// <summary>Longest document in bytes; TCB info with all its levels has less than 16 KiB.</summary>
    public const int MaxSize = 32 * 1024;

    private const int MaxDepth = 16;
    private const int SignatureDigits = 128;
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private SignedCollateral(ReadOnlyMemory<byte> signed, byte[] signature) => (Signed, Signature) = (signed, signature);

    /// <summary>The inner object, byte for byte.</summary>
    public ReadOnlyMemory<byte> Signed { get; }

    /// <summary>ECDSA P-256 with SHA-256, r || s.</summary>
    public byte[] Signature { get; }

    /// <summary>Takes a document apart; members other than the two, doubled members anywhere, and anything after the document are refused.</summary>
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

        try
        {
            collateral = Read(source, name);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The readers' ways to say that the bytes are not JSON, or that a text in it is not Unicode.
        }

        return collateral is not null;
    }

    /// <summary>Opens the inner object.</summary>
    public JsonDocument Open() => JsonDocument.Parse(Signed, Options);

    private static SignedCollateral? Read(ReadOnlyMemory<byte> source, string name)
    {
        using (JsonDocument.Parse(source, Options))
        {
            // Only to have doubled members and what follows the document refused.
        }

        ReadOnlyMemory<byte> signed = default;
        byte[]? signature = null;
        var reader = new Utf8JsonReader(source.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            string? member = reader.GetString();
            reader.Read();
            if (member == name && reader.TokenType is JsonTokenType.StartObject)
            {
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                signed = source[start..(int)reader.BytesConsumed];
            }
            else if (member == "signature" && reader.TokenType is JsonTokenType.String && reader.GetString() is { Length: SignatureDigits } digits && digits.All(char.IsAsciiHexDigit))
            {
                signature = Convert.FromHexString(digits);
            }
            else
            {
                return null;
            }
        }

        return signature is null || signed.IsEmpty ? null : new(signed, signature);
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Veil.PrivacyPass;

/// <summary>
/// Base64url with padding (RFC 4648 section 5), the one form of Privacy Pass. Strict both ways, so that a value has a single spelling: no white space, no missing
/// or surplus padding, no bits set beyond the last byte.
/// </summary>
public static class PaddedBase64Url
{
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Encodes with padding.</summary>
    public static string Encode(ReadOnlySpan<byte> value)
    {
        string bare = Base64Url.EncodeToString(value);
        return bare.PadRight((bare.Length + 3) / 4 * 4, '=');
    }

    /// <summary>Decodes the form that <see cref="Encode"/> writes, and no other.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? value)
    {
        ReadOnlySpan<char> bare = text.TrimEnd('=');
        value = null;
        if (text.Length % 4 != 0 || text.Length - bare.Length > 2 || bare.ContainsAnyExcept(Alphabet))
            return false;

        // Base64Url.TryDecodeFromChars throws for bits beyond the last byte; this overload answers.
        var decoded = new byte[Base64Url.GetMaxDecodedLength(bare.Length)];
        if (Base64Url.DecodeFromChars(bare, decoded, out _, out int written) is not OperationStatus.Done)
            return false;

        value = decoded.AsSpan(0, written).ToArray();
        return true;
    }
}

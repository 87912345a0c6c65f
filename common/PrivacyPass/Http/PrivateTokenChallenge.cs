using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Veil.PrivacyPass;

/// <summary>
/// One <c>PrivateToken</c> challenge of a <c>WWW-Authenticate</c> field (RFC 9577 section 2.1):
/// <c>PrivateToken challenge="…", token-key="…", max-age=…</c>, both values in base64url with padding.
/// </summary>
public sealed class PrivateTokenChallenge
{
    /// <summary>The scheme's name.</summary>
    public const string Scheme = "PrivateToken";

    private readonly byte[] _challenge;
    private readonly byte[]? _tokenKey;

    private PrivateTokenChallenge(byte[] challenge, byte[]? tokenKey, TimeSpan? maxAge)
    {
        _challenge = challenge;
        _tokenKey = tokenKey;
        MaxAge = maxAge;
    }

    /// <summary>The TokenChallenge's bytes, for <see cref="TokenChallenge.TryParse"/>; at least its two bytes of type.</summary>
    public ReadOnlySpan<byte> Challenge => _challenge;

    /// <summary>token_type: a client passes over the types that it does not know, grease among them.</summary>
    public ushort TokenType => BinaryPrimitives.ReadUInt16BigEndian(_challenge);

    /// <summary>The issuer's public key; empty where the origin leaves it to the directory.</summary>
    public ReadOnlySpan<byte> TokenKey => _tokenKey;

    /// <summary>How long the challenge is accepted; null where the origin does not say.</summary>
    public TimeSpan? MaxAge { get; }

    /// <summary>
    /// Reads a whole field value with any number of challenges of any scheme. Challenges of other schemes, and those of this one that are
    /// incomplete or malformed in themselves, are passed over (RFC 9577 section 2.1); an empty list is a success.
    /// </summary>
    /// <param name="field">Untrusted.</param>
    /// <param name="challenges">The usable ones, in the origin's order of preference, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.BadHeader"/> when the field breaks the grammar of RFC 9110 or has more than 16 Ki characters.</param>
    public static bool TryParse(
        ReadOnlySpan<char> field, [NotNullWhen(true)] out IReadOnlyList<PrivateTokenChallenge>? challenges, out PrivacyPassError error)
    {
        bool read = AuthFieldReader.TryRead(field, out List<AuthChallenge>? all);
        error = read ? PrivacyPassError.None : PrivacyPassError.BadHeader;
        challenges = all?.Where(challenge => challenge.Is(Scheme)).Select(FromParameters).OfType<PrivateTokenChallenge>().ToArray();
        return read;
    }

    /// <summary>The field value of one challenge.</summary>
    public static string Write(TokenChallenge challenge, TokenPublicKey? tokenKey = null, TimeSpan? maxAge = null)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var field = new StringBuilder(Scheme).Append(" challenge=\"").Append(PaddedBase64Url.Encode(challenge.Encoded)).Append('"');
        if (tokenKey is not null)
            field.Append(", token-key=\"").Append(PaddedBase64Url.Encode(tokenKey.Encoding)).Append('"');
        if (maxAge is TimeSpan age)
            field.Append(CultureInfo.InvariantCulture, $", max-age={(long)age.TotalSeconds}");

        return field.ToString();
    }

    private static PrivateTokenChallenge? FromParameters(AuthChallenge challenge)
    {
        if (!challenge.TryGetSingle("challenge", out string? encodedChallenge) || !PaddedBase64Url.TryDecode(encodedChallenge, out byte[]? bytes) || bytes.Length < sizeof(ushort))
            return null;

        byte[]? tokenKey = null;
        if (!challenge.TryGetSingle("token-key", out string? encodedKey) || (encodedKey is not null && !PaddedBase64Url.TryDecode(encodedKey, out tokenKey)))
            return null;

        uint seconds = 0;
        if (!challenge.TryGetSingle("max-age", out string? age) || (age is not null && !uint.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out seconds)))
            return null;

        return new(bytes, tokenKey, age is null ? null : TimeSpan.FromSeconds(seconds));
    }
}

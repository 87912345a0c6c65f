using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// A client's request to sign one blinded token (RFC 9578): <c>token_type(2) | truncated_token_key_id(1) | blinded element</c>. A view over the bytes that it was parsed from.
/// </summary>
public readonly ref struct TokenRequest
{
    private TokenRequest(TokenType type, byte truncatedKeyId, ReadOnlySpan<byte> blindedElement)
    {
        Type = type;
        TruncatedKeyId = truncatedKeyId;
        BlindedElement = blindedElement;
    }

    /// <summary>The registry's row.</summary>
    public TokenType Type { get; }

    /// <summary>Last byte of the wanted key's id.</summary>
    public byte TruncatedKeyId { get; }

    /// <summary>The type's blinded element.</summary>
    public ReadOnlySpan<byte> BlindedElement { get; }

    /// <summary>Parses one whole request of a known type; the issuer answers every error with 422.</summary>
    /// <param name="encoded">Untrusted; exactly <see cref="TokenType.TokenRequestSize"/> bytes.</param>
    /// <param name="request">The request; default on failure.</param>
    /// <param name="error"><see cref="PrivacyPassError.UnknownTokenType"/>, <see cref="PrivacyPassError.UnavailableTokenType"/> or <see cref="PrivacyPassError.BadLength"/>.</param>
    public static bool TryParse(ReadOnlySpan<byte> encoded, out TokenRequest request, out PrivacyPassError error)
    {
        var reader = new WireReader(encoded);
        TokenType? type = TokenType.FindKnown(reader.ReadUInt16());
        byte truncatedKeyId = reader.ReadByte();
        ReadOnlySpan<byte> blindedElement = reader.TakeRest();

        error = reader.Failed ? PrivacyPassError.BadLength
            : type is null ? PrivacyPassError.UnknownTokenType
            : type.Missing is not null ? PrivacyPassError.UnavailableTokenType
            : encoded.Length != type.TokenRequestSize ? PrivacyPassError.BadLength
            : PrivacyPassError.None;
        request = error is PrivacyPassError.None ? new(type!, truncatedKeyId, blindedElement) : default;
        return error is PrivacyPassError.None;
    }
}

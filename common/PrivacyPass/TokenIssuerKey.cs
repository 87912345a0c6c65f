using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Veil.PrivacyPass;

/// <summary>An issuer's private key of some token type: signs blinded tokens and verifies spent ones. One key serves many threads; it gives its private key to nobody.</summary>
public abstract class TokenIssuerKey : IDisposable
{
    private protected TokenIssuerKey(TokenPublicKey publicKey) => PublicKey = publicKey;

    /// <summary>The public half, for the directory: encoding, key id and truncated key id.</summary>
    public TokenPublicKey PublicKey { get; }

    /// <summary>The registry's row.</summary>
    public TokenType Type => PublicKey.Type;

    /// <summary>Takes a key into use that <see cref="TokenType.GeneratePrivateKey"/> made.</summary>
    /// <exception cref="ArgumentException">The registry has no such type.</exception>
    /// <exception cref="CryptographicException">The bytes are not a private key of the type.</exception>
    /// <exception cref="PlatformNotSupportedException">The type needs a library that this process does not have; the message names it.</exception>
    public static TokenIssuerKey Import(ushort tokenType, ReadOnlySpan<byte> privateKey)
    {
        TokenType type = TokenType.FindKnown(tokenType) ?? throw new ArgumentException($"Token type 0x{tokenType:X4} is not in the registry.", nameof(tokenType));
        if (type.Missing is { } missing)
            throw new PlatformNotSupportedException($"Token type {type} cannot be served: {missing}");

        return type.ImportPrivateKey(privateKey);
    }

    /// <summary>Signs one blinded token. The caller has decided that this client may have it.</summary>
    /// <param name="tokenRequest">Untrusted; a whole TokenRequest, for this key.</param>
    /// <param name="tokenResponse">The TokenResponse, or null.</param>
    /// <param name="error">What was wrong: 422 for all of them.</param>
    public bool TryIssue(ReadOnlySpan<byte> tokenRequest, [NotNullWhen(true)] out byte[]? tokenResponse, out PrivacyPassError error)
    {
        tokenResponse = null;
        if (!TokenRequest.TryParse(tokenRequest, out TokenRequest request, out error))
            return false;

        var response = new byte[Type.TokenResponseSize];
        error = request.Type != Type ? PrivacyPassError.WrongTokenType
            : request.TruncatedKeyId != PublicKey.TruncatedKeyId ? PrivacyPassError.UnknownKey
            : !TryEvaluate(request.BlindedElement, response) ? PrivacyPassError.BadBlindedElement
            : PrivacyPassError.None;
        tokenResponse = error is PrivacyPassError.None ? response : null;
        return tokenResponse is not null;
    }

    /// <summary>Signs a whole amortized batch under one proof; a token that cannot be signed spoils the batch.</summary>
    /// <param name="request">For this key. The caller has decided that this client may have all of its tokens.</param>
    /// <param name="response">The response of an amortized batch, or null.</param>
    /// <param name="error">What was wrong: 422 for all of them.</param>
    public bool TryIssue(AmortizedBatchRequest request, [NotNullWhen(true)] out byte[]? response, out PrivacyPassError error)
    {
        ArgumentNullException.ThrowIfNull(request);
        var layout = new AmortizedBatchResponse(request.Type, request.Count);
        var bytes = new byte[layout.Size];
        layout.WriteLength(bytes);
        error = request.Type != Type ? PrivacyPassError.WrongTokenType
            : request.TruncatedKeyId != PublicKey.TruncatedKeyId ? PrivacyPassError.UnknownKey
            : !TryEvaluateTogether(request.BlindedElements.Span, bytes.AsSpan(layout.Elements), bytes.AsSpan(layout.Proof)) ? PrivacyPassError.BadBlindedElement
            : PrivacyPassError.None;
        response = error is PrivacyPassError.None ? bytes : null;
        return response is not null;
    }

    /// <summary>True when this key issued the token, for types that an origin can verify and those that it cannot.</summary>
    public abstract bool Verify(Token token);

    /// <summary>Says of each token whether this key issued it: <see cref="Verify(Token)"/> of all, which some types do in less time together.</summary>
    /// <param name="tokens">The caller bounds them.</param>
    /// <param name="verdicts">As many answers.</param>
    public virtual void Verify(ReadOnlySpan<Token> tokens, Span<bool> verdicts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(verdicts.Length, tokens.Length, nameof(verdicts));
        for (int i = 0; i < tokens.Length; i++)
            verdicts[i] = Verify(tokens[i]);
    }

    /// <summary>Erases the private key.</summary>
    public abstract void Dispose();

    /// <summary>The type alone.</summary>
    public override string ToString() => $"issuer key of type {Type}";

    private protected abstract bool TryEvaluate(ReadOnlySpan<byte> blindedElement, Span<byte> tokenResponse);

    /// <summary>Asked only of keys whose type is <see cref="TokenType.IsAmortizable"/>.</summary>
    private protected virtual bool TryEvaluateTogether(ReadOnlySpan<byte> blindedElements, Span<byte> evaluatedElements, Span<byte> proof) => false;
}

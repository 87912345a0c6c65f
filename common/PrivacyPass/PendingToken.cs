using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// A client's token between TokenRequest and TokenResponse (RFC 9578 sections 5 and 6), with a nonce and a blind of its own. The request may be
/// sent again, the answer taken once; disposing erases the blind.
/// </summary>
public sealed class PendingToken : IDisposable
{
    private readonly TokenPublicKey _key;
    private readonly byte[] _authenticatorInput;
    private readonly BlindedToken _blinded;
    private readonly byte[] _tokenRequest;

    internal PendingToken(TokenPublicKey key, byte[] authenticatorInput, BlindedToken blinded)
    {
        _key = key;
        _authenticatorInput = authenticatorInput;
        _blinded = blinded;
        _tokenRequest = WriteRequest(key, blinded.BlindedElement);
    }

    /// <summary>The registry's row.</summary>
    public TokenType Type => _key.Type;

    /// <summary>The TokenRequest, for <see cref="PrivacyPassMediaTypes.TokenRequest"/>.</summary>
    public ReadOnlyMemory<byte> TokenRequest => _tokenRequest;

    /// <summary>Draws nonce and blind for one token of this key for this challenge.</summary>
    /// <param name="key">The issuer's key, checked to be the one that everybody is given.</param>
    /// <param name="challenge">The challenge, of the key's type.</param>
    /// <param name="pending">The pending token, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.WrongTokenType"/>, or <see cref="PrivacyPassError.BadKey"/> when the key admits no blinding.</param>
    public static bool TryCreate(
        TokenPublicKey key, TokenChallenge challenge, [NotNullWhen(true)] out PendingToken? pending, out PrivacyPassError error)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(challenge);
        pending = null;
        if (challenge.TokenType != key.Type.Id)
        {
            error = PrivacyPassError.WrongTokenType;
            return false;
        }

        byte[] authenticatorInput = AuthenticatorInput.Draw(key, challenge);
        BlindedToken? blinded = key.Blind(authenticatorInput);
        error = blinded is null ? PrivacyPassError.BadKey : PrivacyPassError.None;
        pending = blinded is null ? null : new(key, authenticatorInput, blinded);
        return pending is not null;
    }

    /// <summary>The same for several tokens, each with a request of its own; their blinds share the work where the type allows.</summary>
    internal static bool TryCreate(
        TokenPublicKey key, TokenChallenge challenge, int count, [NotNullWhen(true)] out PendingToken[]? pending, out PrivacyPassError error)
    {
        byte[][] inputs = new byte[count][];
        for (int i = 0; i < count; i++)
            inputs[i] = AuthenticatorInput.Draw(key, challenge);
        BlindedToken[]? blinded = key.Blind(inputs);
        error = blinded is null ? PrivacyPassError.BadKey : PrivacyPassError.None;
        pending = blinded is null ? null : [.. inputs.Zip(blinded, (input, token) => new PendingToken(key, input, token))];
        return pending is not null;
    }

    /// <summary>Unblinds the issuer's answer and verifies the token before releasing it.</summary>
    /// <param name="tokenResponse">Untrusted; exactly <see cref="TokenType.TokenResponseSize"/> bytes.</param>
    /// <param name="token">A token that verifies under the key, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.BadLength"/> or <see cref="PrivacyPassError.BadSignature"/>.</param>
    /// <exception cref="ObjectDisposedException">The blind was erased.</exception>
    public bool TryFinalize(ReadOnlySpan<byte> tokenResponse, [NotNullWhen(true)] out Token? token, out PrivacyPassError error)
    {
        TokenType type = _key.Type;
        var encoded = new byte[type.TokenSize];
        _authenticatorInput.CopyTo(encoded, 0);
        error = tokenResponse.Length != type.TokenResponseSize ? PrivacyPassError.BadLength
            : !_blinded.TryFinalize(tokenResponse, encoded.AsSpan(AuthenticatorInput.Size)) ? PrivacyPassError.BadSignature
            : PrivacyPassError.None;
        token = error is PrivacyPassError.None ? new(type, encoded) : null;
        return token is not null;
    }

    /// <summary>Erases the blind.</summary>
    public void Dispose() => _blinded.Dispose();

    private static byte[] WriteRequest(TokenPublicKey key, ReadOnlySpan<byte> blindedElement)
    {
        var request = new byte[key.Type.TokenRequestSize];
        var writer = new WireWriter(request);
        writer.WriteUInt16(key.Type.Id);
        writer.WriteByte(key.TruncatedKeyId);
        writer.WriteBytes(blindedElement);
        return request;
    }
}

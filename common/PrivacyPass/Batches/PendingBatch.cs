using System.Diagnostics.CodeAnalysis;

namespace Veil.PrivacyPass;

/// <summary>
/// A client's tokens between one request and its answer, each with a nonce and a blind of its own (draft-ietf-privacypass-batched-tokens). The request may be
/// sent again, the answer taken once; disposing erases the blinds.
/// </summary>
public abstract class PendingBatch : IDisposable
{
    private protected PendingBatch()
    {
    }

    /// <summary>How many tokens were asked for.</summary>
    public abstract int Count { get; }

    /// <summary>The body of the request.</summary>
    public abstract ReadOnlyMemory<byte> Request { get; }

    /// <summary>The media type of <see cref="Request"/>.</summary>
    public abstract string RequestMediaType { get; }

    /// <summary>The media type that the answer must have.</summary>
    public abstract string ResponseMediaType { get; }

    /// <summary>The longest answer in bytes, for a reader that bounds what it reads.</summary>
    public abstract int MaxResponseSize { get; }

    /// <summary>Draws nonces and blinds for tokens of one key for one challenge: an amortized batch where the type can, else a generic one.</summary>
    /// <param name="key">The issuer's key, checked to be the one that everybody is given.</param>
    /// <param name="challenge">The challenge, of the key's type.</param>
    /// <param name="count">How many tokens, at least one; issuers take 100 unless told otherwise.</param>
    /// <param name="pending">The batch, or null.</param>
    /// <param name="error"><see cref="PrivacyPassError.WrongTokenType"/>, or <see cref="PrivacyPassError.BadKey"/> when the key admits no blinding.</param>
    public static bool TryCreate(
        TokenPublicKey key, TokenChallenge challenge, int count, [NotNullWhen(true)] out PendingBatch? pending, out PrivacyPassError error)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(challenge);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        pending = null;
        if (challenge.TokenType != key.Type.Id)
        {
            error = PrivacyPassError.WrongTokenType;
            return false;
        }

        if (key is VoprfTokenPublicKey voprf)
        {
            byte[][] inputs = new byte[count][];
            for (int i = 0; i < count; i++)
                inputs[i] = AuthenticatorInput.Draw(key, challenge);
            pending = new AmortizedPendingBatch(voprf, inputs, voprf.BlindTogether(inputs));
            error = PrivacyPassError.None;
            return true;
        }

        if (PendingToken.TryCreate(key, challenge, count, out PendingToken[]? tokens, out error))
            pending = new GenericPendingBatch(tokens);
        return pending is not null;
    }

    /// <summary>Unblinds the issuer's answer and verifies every token before any is released.</summary>
    /// <param name="response">Untrusted.</param>
    /// <param name="tokens">
    /// The tokens, all of which verify under the key, or null. Of an amortized batch all that were asked for; of a generic batch those that the issuer gave,
    /// possibly none.
    /// </param>
    /// <param name="error">What was wrong with the answer: one bad token refuses all.</param>
    /// <exception cref="ObjectDisposedException">The blinds were erased.</exception>
    public bool TryFinalize(ReadOnlyMemory<byte> response, [NotNullWhen(true)] out IReadOnlyList<Token>? tokens, out PrivacyPassError error)
    {
        tokens = Finish(response, out error);
        return tokens is not null;
    }

    /// <summary>Erases the blinds.</summary>
    public abstract void Dispose();

    private protected abstract IReadOnlyList<Token>? Finish(ReadOnlyMemory<byte> response, out PrivacyPassError refusal);
}

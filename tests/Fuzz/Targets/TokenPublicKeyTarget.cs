using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>An issuer's public key has one encoding, and any key that parses can be used without throwing.</summary>
public static class TokenPublicKeyTarget
{
    private static readonly TokenChallenge Challenge = TokenChallenge.Create(0x0002, "issuer.example", [], "");

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TokenPublicKey.TryParse(0x0002, input, out TokenPublicKey? key, out _))
            return;
        if (!key.Encoding.SequenceEqual(input))
            throw new InvalidOperationException("A key has two encodings.");
        if (!PendingToken.TryCreate(key, Challenge, out PendingToken? pending, out _))
            return;

        using (pending)
        {
            if (pending.TryFinalize(input[..256], out Token? token, out _) && !key.Verify(token))
                throw new InvalidOperationException("A token was released that does not verify.");
        }
    }
}

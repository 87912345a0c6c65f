using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>A challenge that parses is the one that its fields make.</summary>
public static class TokenChallengeTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TokenChallenge.TryParse(input, out TokenChallenge? challenge, out _))
            return;

        TokenChallenge again = TokenChallenge.Create(challenge.TokenType, challenge.IssuerName, challenge.RedemptionContext, challenge.OriginInfo);
        if (!again.Encoded.SequenceEqual(input))
            throw new InvalidOperationException("A challenge has two encodings.");
    }
}

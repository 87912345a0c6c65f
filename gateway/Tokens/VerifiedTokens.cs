using System.Diagnostics.CodeAnalysis;
using Veil.Bhttp;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tokens;

/// <summary>Tokens of one request that the issuer signed for this gateway's challenge. Whether they were spent before, only the issuer knows.</summary>
internal sealed class VerifiedTokens
{
    private VerifiedTokens(Token[] tokens) => Tokens = tokens;

    /// <summary>The tokens, no two alike.</summary>
    public IReadOnlyList<Token> Tokens { get; }

    /// <summary>Checks one Authorization field line for each token that the service asks for, no more and no fewer.</summary>
    public static bool TryVerify(FieldSection fields, int count, TokenChallenge challenge, IssuerKeySet keys, [NotNullWhen(true)] out VerifiedTokens? verified)
    {
        verified = null;
        var tokens = new List<Token>(count);
        foreach (FieldLine line in fields)
        {
            if (line.Name is not "authorization")
                continue;
            if (tokens.Count == count || !PrivateTokenAuthorization.TryParse(line.Value, out Token? token, out _) || !IsGood(token, challenge, keys) || Repeats(tokens, token))
                return false;
            tokens.Add(token);
        }

        verified = tokens.Count == count && count > 0 ? new([.. tokens]) : null;
        return verified is not null;
    }

    private static bool IsGood(Token token, TokenChallenge challenge, IssuerKeySet keys) =>
        token.ChallengeDigest.SequenceEqual(challenge.Digest) && keys.Find(token.KeyId) is { } key && key.Verify(token);

    private static bool Repeats(List<Token> tokens, Token token) => tokens.Exists(other => other.Nonce.SequenceEqual(token.Nonce));
}

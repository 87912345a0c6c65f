using System.Diagnostics.CodeAnalysis;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tokens;

/// <summary>
/// Tokens of one request for this gateway's challenge, each under a listed key and, where anyone can verify its type, signed with it. Whether the issuer made
/// the others, and whether any was spent before, only the issuer knows.
/// </summary>
internal sealed class VerifiedTokens
{
    private VerifiedTokens(Token[] tokens, int units)
    {
        Tokens = tokens;
        Units = units;
    }

    /// <summary>The tokens, no two alike.</summary>
    public IReadOnlyList<Token> Tokens { get; }

    /// <summary>How many units of the service's work they buy; one at least.</summary>
    public int Units { get; }

    /// <summary>Checks one Authorization field line for each token: those of one unit or of several, no more than the service takes.</summary>
    public static bool TryVerify(
        FieldSection fields, ServicePrice price, IReadOnlyDictionary<ushort, OfferedChallenge> challenges, IssuerKeySet keys, [NotNullWhen(true)] out VerifiedTokens? verified)
    {
        verified = null;
        var tokens = new List<Token>(price.Tokens);
        foreach (FieldLine line in fields)
        {
            if (line.Name is not "authorization")
                continue;
            if (tokens.Count == price.MaxTokens || !PrivateTokenAuthorization.TryParse(line.Value, out Token? token, out _) || Repeats(tokens, token) || !IsGood(token, challenges, keys))
                return false;
            tokens.Add(token);
        }

        verified = tokens.Count > 0 && tokens.Count % price.Tokens is 0 ? new([.. tokens], tokens.Count / price.Tokens) : null;
        return verified is not null;
    }

    private static bool IsGood(Token token, IReadOnlyDictionary<ushort, OfferedChallenge> challenges, IssuerKeySet keys) =>
        challenges.TryGetValue(token.Type.Id, out OfferedChallenge? offered) && token.ChallengeDigest.SequenceEqual(offered.Challenge.Digest) && keys.Accepts(token);

    private static bool Repeats(List<Token> tokens, Token token) => tokens.Exists(other => other.Nonce.SequenceEqual(token.Nonce));
}

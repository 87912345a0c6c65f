using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>What a request for tokens led to: an answer with tokens, or a problem.</summary>
/// <param name="Status">HTTP status of an answer.</param>
/// <param name="Body">Its body, empty with a problem.</param>
/// <param name="Tokens">How many tokens of each type are in it.</param>
/// <param name="Problem">Why there is none.</param>
/// <param name="RetryAfter">Seconds until the same request may be served; null when time changes nothing.</param>
internal sealed record IssuanceOutcome(int Status, ReadOnlyMemory<byte> Body, IReadOnlyList<(TokenType Type, int Count)> Tokens, Problem? Problem, int? RetryAfter)
{
    public static IssuanceOutcome Issued(
        ReadOnlyMemory<byte> body, IReadOnlyList<(TokenType Type, int Count)> tokens, int status = StatusCodes.Status200OK) => new(status, body, tokens, null, null);

    public static IssuanceOutcome Refused(Problem problem, int? retryAfter = null) => new(problem.Status, default, [], problem, retryAfter);
}

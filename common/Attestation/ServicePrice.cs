namespace Veil.Attestation;

/// <summary>
/// What a request to a service costs, and the bounded work that it buys: the work is counted in units, each unit costs <paramref name="Tokens"/> tokens, and a
/// request of several units carries the tokens of all of them. The same for everyone.
/// </summary>
/// <param name="Tokens">Tokens of one unit; 0 for a service that is open to GET requests without content.</param>
/// <param name="MaxTokens">Most tokens of one request; a whole number of units, 0 where a unit costs none.</param>
/// <param name="RequestBytes">Longest content of a request of one unit, in bytes.</param>
/// <param name="AnswerBytes">Longest content of its answer, in bytes.</param>
/// <param name="Duration">Longest time from its admission to the end of its answer, in whole seconds.</param>
public sealed record ServicePrice(int Tokens, int MaxTokens, long RequestBytes, long AnswerBytes, TimeSpan Duration)
{
    /// <summary>Most tokens that a price may ask for: more would not fit the fields of a request.</summary>
    public const int TokensLimit = 32;

    /// <summary>Most bytes and seconds that a price may name; times <see cref="TokensLimit"/> units they still count exactly.</summary>
    public const long WorkLimit = 1L << 40;

    /// <summary>The most units of one request; 1 where nothing is paid.</summary>
    public int MaxUnits => Tokens is 0 ? 1 : MaxTokens / Tokens;

    /// <summary>Units that hold content of this length: one at least; more than <see cref="MaxUnits"/> where none would do.</summary>
    public long UnitsFor(long contentLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(contentLength);
        return contentLength is 0 ? 1 : RequestBytes is 0 ? long.MaxValue : ((contentLength - 1) / RequestBytes) + 1;
    }

    /// <summary>True for numbers that a service can mean.</summary>
    internal bool IsPossible =>
        Tokens is >= 0 and <= TokensLimit
        && (Tokens is 0 ? MaxTokens is 0 : MaxTokens >= Tokens && MaxTokens <= TokensLimit && MaxTokens % Tokens is 0)
        && RequestBytes is >= 0 and <= WorkLimit
        && AnswerBytes is >= 0 and <= WorkLimit
        && Duration >= TimeSpan.Zero;
}

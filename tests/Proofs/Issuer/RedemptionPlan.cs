using System.Security.Cryptography;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Who presents which token: each is presented once, and a fifth of all redemptions are repeats of a token that is presented elsewhere too, by the same gateway
/// under another id, by another gateway, or by another gateway under the very same id. Half of the repeats come close to the first, where they meet in one
/// call or one commit; the others at any time.
/// </summary>
internal sealed class RedemptionPlan
{
    /// <summary>How many gateways there are.</summary>
    public const int Gateways = 4;

    /// <summary>Redemptions of 5 that are the first of their token.</summary>
    private const double FirstOfTheirToken = 0.8;
    private const int MaxTokensPerCall = 120;

    /// <summary>A small plan has small calls, so that there are many moments to be struck at.</summary>
    private const int LeastCalls = 400;
    private const double Close = 60;

    private RedemptionPlan(byte[][] tokens, IReadOnlyList<PlannedRedemption> redemptions, IReadOnlyList<IReadOnlyList<PlannedRedemption[]>> calls)
    {
        Tokens = tokens;
        Redemptions = redemptions;
        Calls = calls;
    }

    /// <summary>The tokens.</summary>
    public byte[][] Tokens { get; }

    /// <summary>Every redemption of every gateway.</summary>
    public IReadOnlyList<PlannedRedemption> Redemptions { get; }

    /// <summary>The calls of each gateway, in order.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedRedemption[]>> Calls { get; }

    /// <summary>How many tokens a plan of so many redemptions needs.</summary>
    public static int TokensFor(int redemptions) => (int)(redemptions * FirstOfTheirToken);

    /// <summary>Makes a plan for tokens that were not presented yet.</summary>
    /// <param name="tokens"><see cref="TokensFor"/> many.</param>
    /// <param name="redemptions">How many.</param>
    /// <param name="random">What comes when; ids are drawn as gateways draw them.</param>
    public static RedemptionPlan Create(byte[][] tokens, int redemptions, Random random)
    {
        var placed = new List<(double At, int Gateway, PlannedRedemption Redemption)>(redemptions);
        for (int token = 0; token < tokens.Length; token++)
        {
            placed.Add((token, random.Next(Gateways), new PlannedRedemption(token, NewId())));
        }

        var sameId = new HashSet<(int Token, int Gateway)>();
        while (placed.Count < redemptions)
        {
            (_, int gateway, PlannedRedemption first) = placed[random.Next(tokens.Length)];
            int other = (gateway + random.Next(1, Gateways)) % Gateways;
            (int By, byte[] Id) repeat = random.Next(4) switch
            {
                0 when sameId.Add((first.Token, other)) => (other, first.Id),
                0 or 1 => (other, NewId()),
                _ => (gateway, NewId()),
            };
            double at = random.Next(2) is 0 ? first.Token + (random.NextDouble() * Close) : random.NextDouble() * tokens.Length;
            placed.Add((at, repeat.By, new PlannedRedemption(first.Token, repeat.Id)));
        }

        placed.Sort((left, right) => left.At.CompareTo(right.At));
        return new RedemptionPlan(
            tokens,
            [.. placed.Select(each => each.Redemption)],
            [.. Enumerable.Range(0, Gateways).Select(gateway => Cut([.. placed.Where(each => each.Gateway == gateway).Select(each => each.Redemption)], random))]);
    }

    /// <summary>A redemption id as a gateway draws it.</summary>
    private static byte[] NewId() => RandomNumberGenerator.GetBytes(16);

    private static List<PlannedRedemption[]> Cut(PlannedRedemption[] redemptions, Random random)
    {
        int most = Math.Clamp(2 * Gateways * redemptions.Length / LeastCalls, 2, MaxTokensPerCall);
        var calls = new List<PlannedRedemption[]>();
        for (int next = 0; next < redemptions.Length;)
        {
            int size = Math.Min(random.Next(1, most + 1), redemptions.Length - next);
            calls.Add(redemptions[next..(next + size)]);
            next += size;
        }

        return calls;
    }
}

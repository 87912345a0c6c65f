using Veil.KeyLifecycle;
using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>The issuer's live keys at one time, and the directory that publishes them. Replaced as a whole when the ring changes.</summary>
internal sealed class IssuerKeys
{
    /// <summary>
    /// A client whose clock is this much ahead may ask for a key that is about to take over, and a replica that is this much behind takes its tokens.
    /// </summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly List<RingKey<IssuerKey>> _newestFirst;
    private readonly TimeSpan _overlap;
    private readonly TimeSpan _grace;

    /// <param name="live">The ring's keys.</param>
    /// <param name="requestUri">Where tokens are issued.</param>
    /// <param name="overlap">How long the key before the active one still issues: as long as a directory may be cached.</param>
    /// <param name="grace">How long it is redeemed.</param>
    public IssuerKeys(LiveKeys<IssuerKey> live, string requestUri, TimeSpan overlap, TimeSpan grace)
    {
        Live = live;
        _overlap = overlap;
        _grace = grace;
        _newestFirst = [.. live.All.OrderByDescending(key => key.Entry.ActiveFrom).ThenByDescending(key => key.Entry.Serial)];
        Directory = new IssuerDirectory(requestUri, [.. _newestFirst.Select(Listed)]).Write();
    }

    /// <summary>The keys by state.</summary>
    public LiveKeys<IssuerKey> Live { get; }

    /// <summary>
    /// The document at <see cref="IssuerDirectory.WellKnownPath"/>: newest first, each with its start, so that every client takes the active one. Keys in
    /// grace come last, for gateways that start now and have to verify their tokens.
    /// </summary>
    public ReadOnlyMemory<byte> Directory { get; }

    /// <summary>The key that a TokenRequest names, if tokens are issued under it now.</summary>
    public IssuerKey? ForIssuing(TokenType type, byte truncatedKeyId, DateTimeOffset now)
    {
        int index = _newestFirst.FindIndex(key => key.Key.Key.PublicKey.TruncatedKeyId == truncatedKeyId && key.Key.Key.Type == type);
        return index < 0 ? null : InForce(index, _overlap, now);
    }

    /// <summary>The key of a token, if it is redeemed now.</summary>
    public IssuerKey? ForRedeeming(Token token, DateTimeOffset now)
    {
        for (int i = 0; i < _newestFirst.Count; i++)
        {
            TokenIssuerKey key = _newestFirst[i].Key.Key;
            if (key.PublicKey.KeyId.SequenceEqual(token.KeyId) && key.Type == token.Type)
                return InForce(i, _grace, now);
        }

        return null;
    }

    /// <summary>How many seconds until the next key takes over; the same for everybody.</summary>
    public int SecondsToNextKey(DateTimeOffset now) => (int)Math.Clamp(Math.Ceiling((Live.NextChange - now).TotalSeconds), 1, int.MaxValue);

    private static IssuerDirectoryKey Listed(RingKey<IssuerKey> key) =>
        new(key.Key.Key.Type.Id, key.Key.Key.PublicKey.Encoding.ToArray(), key.Entry.ActiveFrom);

    /// <summary>States are taken from the clock at each request and not from the last refresh, so that a takeover happens on time.</summary>
    private IssuerKey? InForce(int index, TimeSpan afterTakeover, DateTimeOffset now)
    {
        RingKey<IssuerKey> key = _newestFirst[index];
        DateTimeOffset end = index == 0 ? DateTimeOffset.MaxValue : _newestFirst[index - 1].Entry.ActiveFrom + afterTakeover;
        return key.Entry.ActiveFrom <= now + ClockSkew && now < end ? key.Key : null;
    }
}

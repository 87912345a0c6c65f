using Veil.KeyLifecycle;
using Veil.KeyStore;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>The stored ring with what follows from it: the directory, and partitions of the stores that come and go with the keys.</summary>
internal sealed class IssuerKeyRing(StoredKeyRing<IssuerKey> ring, IssuerKeyOptions options, IssuanceOptions issuance, ISpentTokenStore spent, IQuotaStore quotas)
    : IDisposable
{
    private volatile IssuerKeys? _keys;
    private bool _storesBehind = true;
    private volatile bool _isClockTrusted = true;

    /// <summary>The keys of now.</summary>
    /// <exception cref="InvalidOperationException">Not refreshed yet.</exception>
    public IssuerKeys Keys => _keys ?? throw new InvalidOperationException("The key ring has not been read yet.");

    /// <summary>The keys by state, or null before the ring was read.</summary>
    public LiveKeys<IssuerKey>? Live => _keys?.Live;

    /// <summary>False while a jump of the clock is in doubt: nothing is forgotten then.</summary>
    public bool IsClockTrusted => _isClockTrusted;

    /// <summary>Reads the ring at start.</summary>
    /// <exception cref="StartupException">A key or a store cannot be used.</exception>
    public async Task StartAsync(DateTimeOffset now)
    {
        try
        {
            await RefreshAsync(now, isClockTrusted: true).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KeyStoreException or StoreUnavailableException or PlatformNotSupportedException)
        {
            throw new StartupException(e.Message, e);
        }
    }

    /// <summary>Follows the schedule and the folder. True when a key or a state changed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isClockTrusted">False: states follow the clock, but no key is made or destroyed, and no partition is given up.</param>
    /// <exception cref="KeyStoreException">The keys stay as they were.</exception>
    /// <exception cref="StoreUnavailableException">The keys are new; the stores follow with the next refresh.</exception>
    public async Task<bool> RefreshAsync(DateTimeOffset now, bool isClockTrusted)
    {
        _isClockTrusted = isClockTrusted;
        bool changed = ring.Refresh(now, mayCreate: isClockTrusted) || _keys is null;
        _storesBehind |= changed;

        // An instant may pass at which nothing changed: the next one is another all the same.
        if (changed || _keys!.Live.NextChange != ring.Live.NextChange)
            _keys = new IssuerKeys(ring.Live, issuance.RequestUri, options.DirectoryMaxAge, options.Grace);

        if (_storesBehind && isClockTrusted)
        {
            LiveKeys<IssuerKey> live = ring.Live;
            await spent.FollowAsync([.. live.All.Select(key => (key.Key.Partition, key.Entry.AnnouncedAt))]).ConfigureAwait(false);
            await quotas.FollowAsync([.. live.All.Select(key => (key.Key.Partition, key.Entry.AnnouncedAt))]).ConfigureAwait(false);
            _storesBehind = false;
        }

        return changed;
    }

    public void Dispose() => ring.Dispose();
}

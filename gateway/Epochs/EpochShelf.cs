namespace Veil.Gateway.Epochs;

/// <summary>The epochs that clients may still be in the middle of: the published one and those before that a mirror may still show.</summary>
internal sealed class EpochShelf
{
    /// <summary>Clients take a head for two epochs, and a mirror may be late by a part of one.</summary>
    public const int Kept = 3;

    private volatile PublishedEpoch[] _epochs = [];

    /// <summary>The newest; null until one was published.</summary>
    public PublishedEpoch? Current => _epochs is [{ } newest, ..] ? newest : null;

    /// <summary>An epoch by its number; null when it is not served.</summary>
    public PublishedEpoch? Find(long epoch) => Array.Find(_epochs, published => published.Head.Epoch == epoch);

    /// <summary>Puts one up, in its place: the newest is the one that is shown.</summary>
    public void Put(PublishedEpoch epoch) => _epochs = [.. _epochs.Where(other => other.Head.Epoch != epoch.Head.Epoch).Append(epoch).OrderByDescending(other => other.Head.Epoch).Take(Kept)];
}

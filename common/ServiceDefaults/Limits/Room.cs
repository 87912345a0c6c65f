namespace Veil.ServiceDefaults;

/// <summary>A bounded amount of something that exchanges hold while they are open.</summary>
/// <param name="size">All there is of it.</param>
public sealed class Room(long size)
{
    private long _free = size;

    /// <summary>Takes <paramref name="amount"/>; false, and nothing is taken, when that much is not free.</summary>
    public bool TryEnter(long amount)
    {
        if (Interlocked.Add(ref _free, -amount) >= 0)
            return true;
        Interlocked.Add(ref _free, amount);
        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Leave(long amount) => Interlocked.Add(ref _free, amount);
}

namespace Veil.Relay.Limits;

/// <summary>A bounded amount of something that exchanges hold while they are open.</summary>
internal sealed class Room(long size)
{
    private long _free = size;

    public bool TryEnter(long amount)
    {
        if (Interlocked.Add(ref _free, -amount) >= 0)
            return true;
        Interlocked.Add(ref _free, amount);
        return false;
    }

    public void Leave(long amount) => Interlocked.Add(ref _free, amount);
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Veil.Gateway.Replay;

/// <summary>
/// Remembers the <c>enc</c> of every opened request for as long as its Date could pass: in slots a quarter of the window long, and in sixteen
/// shards with a lock each. An entry is the last 16 bytes of <c>enc</c>: a replay has the same ones, and nobody can open a request whose key agrees with
/// another's in 128 bits. Shards and buckets follow the process' own random hash seed, so that chosen keys cannot crowd one of them.
/// </summary>
internal sealed class ReplayWindow
{
    private const int ShardCount = 16;

    /// <summary>Slots in one window. More would hold less that is over, and make every request look into more of them.</summary>
    private const int SlotsPerWindow = 4;

    private readonly Shard[] _shards;
    private readonly TimeSpan _window;
    private readonly TimeProvider _time;

    public ReplayWindow(IOptions<ReplayOptions> options, TimeProvider time)
    {
        _window = options.Value.Window;
        _time = time;
        int capacity = Math.Max(1, options.Value.Capacity / ShardCount);
        long slot = (long)(_window.TotalSeconds / SlotsPerWindow * time.TimestampFrequency);
        _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard(capacity, slot, time.GetTimestamp()))];
    }

    /// <summary>Remembers a request that was opened; checks and sets in one step.</summary>
    /// <param name="enc">The encapsulated KEM key of the request, unique to it; 32 bytes or more.</param>
    /// <returns><see cref="Refusal.None"/>, <see cref="Refusal.Replayed"/>, or <see cref="Refusal.ReplayMemoryFull"/>.</returns>
    public Refusal Remember(ReadOnlySpan<byte> enc)
    {
        UInt128 entry = BinaryPrimitives.ReadUInt128LittleEndian(enc[^Unsafe.SizeOf<UInt128>()..]);
        return _shards[entry.GetHashCode() & (ShardCount - 1)].Remember(entry, _time.GetTimestamp());
    }

    /// <summary>True when <paramref name="date"/> lies in the window around now.</summary>
    public bool Accepts(DateTimeOffset date) => (_time.GetUtcNow() - date).Duration() <= _window;

    private sealed class Shard(int capacity, long slot, long started)
    {
        private readonly Lock _lock = new();

        /// <summary>The slot that fills, and behind it twice the window in whole slots.</summary>
        private readonly HashSet<UInt128>[] _slots = [.. Enumerable.Range(0, (2 * SlotsPerWindow) + 1).Select(_ => new HashSet<UInt128>())];

        private int _current;
        private int _count;
        private long _started = started;

        public Refusal Remember(UInt128 entry, long now)
        {
            lock (_lock)
            {
                TurnSlots(now);
                foreach (HashSet<UInt128> slot in _slots)
                {
                    if (slot.Contains(entry))
                        return Refusal.Replayed;
                }

                if (_count >= capacity)
                    return Refusal.ReplayMemoryFull;
                _slots[_current].Add(entry);
                _count++;
                return Refusal.None;
            }
        }

        /// <summary>An entry lives through the rest of its slot and all the ones that follow, until its slot is needed again.</summary>
        private void TurnSlots(long now)
        {
            long over = (now - _started) / slot;
            _started += over * slot;
            for (long turns = Math.Min(over, _slots.Length); turns > 0; turns--)
            {
                _current = (_current + 1) % _slots.Length;
                _count -= _slots[_current].Count;
                _slots[_current].Clear();
            }
        }
    }
}

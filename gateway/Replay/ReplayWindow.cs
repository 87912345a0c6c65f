using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Veil.Gateway.Replay;

/// <summary>
/// Remembers the <c>enc</c> of every opened request for as long as its Date could pass: two generations, each twice the window long, in sixteen
/// shards with a lock each. An entry is the last 16 bytes of <c>enc</c>: a replay has the same ones, and nobody can open a request whose key agrees with
/// another's in 128 bits. Shards and buckets follow the process' own random hash seed, so that chosen keys cannot crowd one of them.
/// </summary>
internal sealed class ReplayWindow
{
    private const int ShardCount = 16;
    private readonly Shard[] _shards;
    private readonly TimeSpan _window;
    private readonly TimeProvider _time;

    public ReplayWindow(IOptions<ReplayOptions> options, TimeProvider time)
    {
        _window = options.Value.Window;
        _time = time;
        int capacity = Math.Max(1, options.Value.Capacity / ShardCount);
        long lifetime = (long)(2 * _window.TotalSeconds * time.TimestampFrequency);
        _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard(capacity, lifetime, time.GetTimestamp()))];
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

    private sealed class Shard(int capacity, long lifetime, long started)
    {
        private readonly Lock _lock = new();
        private HashSet<UInt128> _current = [];
        private HashSet<UInt128> _previous = [];
        private long _started = started;

        public Refusal Remember(UInt128 entry, long now)
        {
            lock (_lock)
            {
                TurnGenerations(now);
                if (_current.Contains(entry) || _previous.Contains(entry))
                    return Refusal.Replayed;
                if (_current.Count + _previous.Count >= capacity)
                    return Refusal.ReplayMemoryFull;
                _current.Add(entry);
                return Refusal.None;
            }
        }

        /// <summary>An entry lives through the rest of its generation and the whole next one.</summary>
        private void TurnGenerations(long now)
        {
            if (now - _started < lifetime)
                return;

            bool bothAreOver = now - _started >= 2 * lifetime;
            HashSet<UInt128> emptied = _previous;
            emptied.Clear();
            (_previous, _current) = (_current, emptied);
            if (bothAreOver)
                _previous.Clear();
            _started = now;
        }
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Veil.Gateway.Replay;

/// <summary>
/// Remembers the <c>enc</c> of every opened request for as long as its Date could pass: two generations, each twice the window long, in sixteen
/// shards with a lock each. An entry is the 16-byte prefix of a hash under a key of this process, so that nobody can choose entries that collide, and
/// what lies in memory cannot be compared with recorded traffic.
/// </summary>
internal sealed class ReplayWindow
{
    private const int ShardCount = 16;
    private readonly Shard[] _shards;
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
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
    /// <param name="enc">The encapsulated KEM key of the request, unique to it.</param>
    /// <returns><see cref="Refusal.None"/>, <see cref="Refusal.Replayed"/>, or <see cref="Refusal.ReplayMemoryFull"/>.</returns>
    public Refusal Remember(ReadOnlySpan<byte> enc)
    {
        Span<byte> input = stackalloc byte[_secret.Length + enc.Length];
        _secret.CopyTo(input);
        enc.CopyTo(input[_secret.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return _shards[hash[^1] % ShardCount].Remember(BinaryPrimitives.ReadUInt128LittleEndian(hash), _time.GetTimestamp());
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

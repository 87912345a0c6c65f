using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Veil.Relay.Limits;

/// <summary>
/// A token bucket per client address in a table of fixed size. An address (IPv6: its /64) is known only by a hash under a key that lives
/// in this process's memory. Sets of eight slots: a new address takes a free slot or the fullest bucket's, <em>with what is in that
/// bucket</em>, so that no number of addresses wins tokens by pushing others out.
/// </summary>
internal sealed class AddressBudget
{
    private const int Ways = 8;

    private readonly Slot[] _slots;
    private readonly Lock[] _locks;
    private readonly SipHash _hash;
    private readonly TimeProvider _clock;
    private readonly float _perSecond;
    private readonly float _burst;
    private readonly long _start;

    public AddressBudget(IOptions<RelayOptions> options, TimeProvider clock)
    {
        _slots = new Slot[options.Value.AddressSlots];
        _locks = new Lock[Math.Min(_slots.Length / Ways, 64)];
        for (int i = 0; i < _locks.Length; i++)
            _locks[i] = new Lock();
        Span<ulong> key = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(key));
        _hash = new SipHash(key[0], key[1]);
        _clock = clock;
        _perSecond = options.Value.RequestsPerSecond;
        _burst = options.Value.Burst;
        _start = clock.GetTimestamp();
    }

    /// <summary>Takes one request from the address's budget; false when it is used up.</summary>
    public bool TryTake(IPAddress? address)
    {
        ulong tag = Tag(address);
        int set = (int)(tag & (ulong)(_slots.Length / Ways - 1));
        double now = _clock.GetElapsedTime(_start).TotalSeconds;
        lock (_locks[set % _locks.Length])
            return Take(_slots.AsSpan(set * Ways, Ways), tag, now);
    }

    private bool Take(Span<Slot> set, ulong tag, double now)
    {
        int chosen = 0;
        float most = -1;
        for (int i = 0; i < Ways; i++)
        {
            if (set[i].Tag == tag)
            {
                chosen = i;
                break;
            }
            float left = Left(set[i], now);
            if (left > most)
                (chosen, most) = (i, left);
        }
        float tokens = Left(set[chosen], now);
        bool taken = tokens >= 1;
        set[chosen] = new Slot(tag, now, taken ? tokens - 1 : tokens);
        return taken;
    }

    private float Left(in Slot slot, double now) =>
        slot.Tag == 0 ? _burst : (float)Math.Min(_burst, slot.Tokens + (now - slot.At) * _perSecond);

    /// <summary>Never 0, which marks a free slot.</summary>
    private ulong Tag(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        int length = 0;
        if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            address.TryWriteBytes(bytes, out _);
            length = 8;
        }
        else if (address is not null)
        {
            address.TryWriteBytes(bytes, out int written);
            bytes.Slice(written - 4, 4).CopyTo(bytes);
            length = 4;
        }
        return _hash.Compute(bytes[..length]) | 1UL << 63;
    }

    private readonly record struct Slot(ulong Tag, double At, float Tokens);
}

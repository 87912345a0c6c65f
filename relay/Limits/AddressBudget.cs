using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Veil.Relay.Limits;

/// <summary>
/// A token bucket and a count of open exchanges per client address in a table of fixed size. An address (IPv6: its /64) is known only by a hash under a key that lives
/// in this process's memory. Sets of eight slots: a new address takes a free slot or the least used one, <em>with what is in its
/// bucket and open on its count</em>, so that no number of addresses wins anything by pushing others out.
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
    private readonly int _maxOpen;
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
        _maxOpen = options.Value.MaxConcurrentRequestsPerAddress;
        _start = clock.GetTimestamp();
    }

    /// <summary>Takes one request from the address's budget; false when it is used up.</summary>
    public bool TryTake(IPAddress? address)
    {
        ulong tag = Tag(address);
        lock (LockOf(tag))
        {
            ref Slot slot = ref _slots[Claim(tag)];
            bool taken = slot.Tokens >= 1;
            if (taken)
                slot.Tokens -= 1;
            return taken;
        }
    }

    /// <summary>Opens an exchange of the address; false when it has as many open as it may.</summary>
    /// <param name="address">The client's.</param>
    /// <param name="slot">For <see cref="Leave"/>, once, after true.</param>
    public bool TryEnter(IPAddress? address, out int slot)
    {
        ulong tag = Tag(address);
        lock (LockOf(tag))
        {
            slot = Claim(tag);
            bool entered = _slots[slot].Open < _maxOpen;
            if (entered)
                _slots[slot].Open++;
            return entered;
        }
    }

    /// <summary>Closes an exchange. It counts on its slot, whoever has that by now.</summary>
    public void Leave(int slot)
    {
        lock (_locks[slot / Ways % _locks.Length])
            _slots[slot].Open--;
    }

    private int SetOf(ulong tag) => (int)(tag & (ulong)(_slots.Length / Ways - 1));

    private Lock LockOf(ulong tag) => _locks[SetOf(tag) % _locks.Length];

    /// <summary>The address's slot, refilled up to now; for a new address the least used one of its set becomes it.</summary>
    private int Claim(ulong tag)
    {
        double now = _clock.GetElapsedTime(_start).TotalSeconds;
        int chosen = 0;
        float best = float.NegativeInfinity;
        for (int i = SetOf(tag) * Ways, end = i + Ways; i < end; i++)
        {
            if (_slots[i].Tag == tag)
            {
                chosen = i;
                break;
            }
            float unused = Left(_slots[i], now) / _burst - (float)_slots[i].Open / _maxOpen;
            if (unused > best)
                (chosen, best) = (i, unused);
        }
        ref Slot slot = ref _slots[chosen];
        slot = new Slot { Tag = tag, At = now, Tokens = Left(slot, now), Open = slot.Open };
        return chosen;
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

    private struct Slot
    {
        public ulong Tag;
        public double At;
        public float Tokens;
        public int Open;
    }
}

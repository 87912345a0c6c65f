using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.HostAgent;
using Veil.SoftwareTee;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Bench.Fleets;

/// <summary>
/// A fleet of software machines. Every host has claims of its own; its evidence is made when it is first asked for, since a real host has made it long before: that
/// time is kept apart.
/// </summary>
internal sealed class MachineFleet : IDisposable
{
    /// <summary>The service of all hosts.</summary>
    public const string Service = "chat.example";

    /// <summary>Chips that the hosts share: making one for each of a large fleet takes longer than the bench. An id of zeros is no chip.</summary>
    private const int Chips = 64;

    private static readonly TcbVersion Tcb = new(0, 4, 0, 24, 219);

    private readonly SoftwareRoot _root;
    private readonly SoftwareChip[] _chips;
    private readonly SoftwareGuest _guest = new() { Measurement = SoftwareGuest.MeasurementOf("bench") };

    /// <summary>By the claims' hash: the host of one number claims other things in each fleet.</summary>
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _records = new(StringComparer.Ordinal);
    private readonly Lock _making = new();
    private long _madeFor;

    public MachineFleet(DateTimeOffset now)
    {
        _root = SoftwareRoot.Create(now);
        _chips = [.. Enumerable.Range(0, Chips).Select(number => new SoftwareChip(_root, Numbered(SnpReport.ChipIdSize, number + 1), Tcb, now))];
    }

    /// <summary>What every host runs.</summary>
    public ReadOnlyMemory<byte> Measurement => _guest.Measurement;

    /// <summary>The root that every chip hangs from.</summary>
    public ReadOnlyMemory<byte> RootSpkiSha256 => _root.SpkiSha256;

    /// <summary>Time spent on evidence so far, which no real gateway spends.</summary>
    public TimeSpan Making => TimeSpan.FromTicks(Volatile.Read(ref _madeFor));

    /// <summary>The tree over so many hosts, whose claims name the newest checkpoints of a log in turn, as those of hosts do that renew their keys every few epochs.</summary>
    public static FleetTree Plant(int hosts, DateTimeOffset now, IReadOnlyList<Checkpoint> checkpoints) =>
        FleetTree.Build(FleetTree.EmptyRoot, Enumerable.Range(0, hosts).Select(number => (ReadOnlyMemory<byte>)Claims(number, now, checkpoints[number % checkpoints.Count]).Encode()));

    /// <summary>The encoded record of the host with these claims.</summary>
    public ReadOnlyMemory<byte> RecordOf(ReadOnlyMemory<byte> claims)
    {
        _ = HostClaims.TryParse(claims.Span, out HostClaims? parsed, out _);
        int number = BinaryPrimitives.ReadInt32BigEndian(parsed!.Id.Span);
        return _records.GetOrAdd(Convert.ToHexString(SHA256.HashData(claims.Span)), _ => Attest(number, claims));
    }

    public void Dispose()
    {
        foreach (SoftwareChip chip in _chips)
            chip.Dispose();
        _root.Dispose();
    }

    private static HostClaims Claims(int number, DateTimeOffset now, Checkpoint checkpoint) => new()
    {
        Id = Numbered(HostClaims.IdSize, number),
        Epoch = 1,
        NotBefore = now.AddMinutes(-10),
        NotAfter = now.AddHours(3),
        CheckpointSize = (ulong)checkpoint.Size,
        CheckpointRoot = checkpoint.Root,
        Service = Service,
        TlsSpkiSha256 = Numbered(HostClaims.HashSize, number),
        KeyConfig = Numbered(41, number),
        AcceptsPlainRequests = true,
    };

    private static byte[] Numbered(int size, int number)
    {
        byte[] bytes = new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private ReadOnlyMemory<byte> Attest(int number, ReadOnlyMemory<byte> claims)
    {
        lock (_making)
        {
            long started = Stopwatch.GetTimestamp();
            SoftwareChip chip = _chips[number % Chips];
            AttestedValue attested = new SoftwareTeeAttester(chip, _guest with { ReportId = Numbered(SnpReport.ReportIdSize, number + 1) }).Attest(HostClaims.BoundValue(claims.Span));
            byte[] record = new HostRecord(claims, attested.Evidence, attested.Endorsements).Encode();
            Volatile.Write(ref _madeFor, _madeFor + Stopwatch.GetElapsedTime(started).Ticks);
            return record;
        }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using Veil.HostAgent;
using Veil.Transparency;

namespace Veil.SoftwareTee;

/// <summary><c>record</c>: makes one host record without running a host, honest or as a guest that a policy has to refuse.</summary>
internal static class RecordCommand
{
    private const string Usage = """
        usage: Veil.SoftwareTee record FOLDER --service AUTHORITY --out FILE [--kind sev-snp|tdx] [--label TEXT] [--hours N]
               [--debug] [--new-log]

        Makes a host record under the software TEE's root in FOLDER, with keys that nobody has: for tools and tests that look at
        records. --kind is the kind of machine (sev-snp where it is not given), --label names the guest (its SHA-384 is the
        measurement, or a TD's MRTD), --hours says how long the claims hold (default 3), --debug makes a guest whose memory its
        operator can read, --new-log names the checkpoint of a log that has no entry yet, which clients of an authority with a log
        accept for its first day.
        """;

    private static readonly TcbVersion Tcb = new(Fmc: 0, Bootloader: 4, Tee: 0, Snp: 24, Microcode: 219);

    public static int Run(string[] args)
    {
        string? folder = null, service = null, file = null;
        string kind = SoftwareTeeOptions.SevSnp;
        string label = new SoftwareTeeOptions().Label;
        int hours = 3;
        bool debug = false;
        bool newLog = false;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--service" when i + 1 < args.Length:
                    service = args[++i];
                    break;
                case "--out" when i + 1 < args.Length:
                    file = args[++i];
                    break;
                case "--kind" when i + 1 < args.Length && args[i + 1] is SoftwareTeeOptions.SevSnp or SoftwareTeeOptions.Tdx:
                    kind = args[++i];
                    break;
                case "--kind":
                    return Refuse($"--kind: found {(i + 1 < args.Length ? $"\"{args[i + 1]}\"" : "nothing")}, {SoftwareTeeOptions.SevSnp} or {SoftwareTeeOptions.Tdx} is wanted");
                case "--label" when i + 1 < args.Length:
                    label = args[++i];
                    break;
                case "--hours" when i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 24:
                    hours = number;
                    i++;
                    break;
                case "--debug":
                    debug = true;
                    break;
                case "--new-log":
                    newLog = true;
                    break;
                case "--help" or "-h" or "-?":
                    Console.WriteLine(Usage);
                    return 0;
                case var value when folder is null && !value.StartsWith('-'):
                    folder = value;
                    break;
                default:
                    return Refuse($"found \"{args[i]}\"");
            }
        }

        return folder is null ? Refuse("FOLDER is missing") : service is null ? Refuse("--service is missing") : file is null ? Refuse("--out is missing")
            : Write(folder, service, file, kind, label, TimeSpan.FromHours(hours), debug, newLog);
    }

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine($"veil-software-tee record: {problem}; --help says what is allowed");
        return 2;
    }

    private static int Write(string folder, string service, string file, string kind, string label, TimeSpan lifetime, bool debug, bool newLog)
    {
        try
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            byte[] claims = new HostClaims
            {
                Id = RandomNumberGenerator.GetBytes(HostClaims.IdSize),
                Epoch = 1,
                NotBefore = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
                NotAfter = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds()),
                CheckpointRoot = newLog ? MerkleTree.EmptyRoot : HostClaims.NoCheckpoint,
                Service = service,
                TlsSpkiSha256 = RandomNumberGenerator.GetBytes(HostClaims.HashSize),
                KeyConfig = RandomNumberGenerator.GetBytes(41),
                AcceptsPlainRequests = true,
            }.Encode();
            byte[] bound = HostClaims.BoundValue(claims);
            AttestedValue attested = kind is SoftwareTeeOptions.Tdx ? AttestTdx(folder, label, debug, bound, now) : AttestSnp(folder, label, debug, bound, now);
            File.WriteAllBytes(file, new HostRecord(claims, attested.Evidence, attested.Endorsements).Encode());
            return 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            Console.Error.WriteLine($"veil-software-tee record: {failure.Message}");
            return 1;
        }
    }

    private static AttestedValue AttestSnp(string folder, string label, bool debug, byte[] bound, DateTimeOffset now)
    {
        using SoftwareRoot root = SoftwareRoot.OpenOrCreate(folder, now);
        using var chip = new SoftwareChip(root, RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize), Tcb, now);
        var honest = new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf(label) };
        return new SoftwareTeeAttester(chip, debug ? honest with { Policy = new(honest.Policy.Bits | SnpGuestPolicy.DebugAllowed) } : honest).Attest(bound);
    }

    private static AttestedValue AttestTdx(string folder, string label, bool debug, byte[] bound, DateTimeOffset now)
    {
        using SoftwareTdxPlatform platform = SoftwareTdxPlatform.Under(folder, now);
        var honest = new SoftwareTd { Mrtd = SoftwareGuest.MeasurementOf(label) };
        return new SoftwareTdxAttester(platform, debug ? honest with { Attributes = honest.Attributes | TdAttributes.Debug } : honest).Attest(bound);
    }
}

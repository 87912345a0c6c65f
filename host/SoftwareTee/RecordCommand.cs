using System.Globalization;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.SoftwareTee.Forgeries;

namespace Veil.SoftwareTee;

/// <summary><c>record</c>: makes one host record without running a host, honest or one that a verifier has to refuse.</summary>
internal static class RecordCommand
{
    private const string Usage = """
        usage: Veil.SoftwareTee record FOLDER --service AUTHORITY --out FILE [--kind sev-snp|tdx] [--label TEXT] [--hours N]
               [--gpus N] [--forge NAME] [--new-log]

        Makes a host record under the software TEE's root in FOLDER, with keys that nobody has: for tools and tests that look at
        records. --kind is the kind of machine (sev-snp where it is not given), --label names the guest (its SHA-384 is the
        measurement, or a TD's MRTD), --hours says how long the claims hold (default 3), --gpus how many GPUs the machine has
        (default 0, at most 8), --forge makes one of the attacks that "Veil.SoftwareTee forgeries" lists, --new-log names the
        checkpoint of a log that has no entry yet, which clients of an authority with a log accept for its first day.
        """;

    private const int MostGpus = 8;
    private const int MostHours = 24;

    public static int Run(string[] args)
    {
        string? folder = null, service = null, file = null, forgery = null;
        string kind = SoftwareTeeOptions.SevSnp;
        string label = new SoftwareTeeOptions().Label;
        int hours = 3, gpus = 0;
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
                    return Refuse($"--kind: found {Found(args, i + 1)}, {SoftwareTeeOptions.SevSnp} or {SoftwareTeeOptions.Tdx} is wanted");
                case "--label" when i + 1 < args.Length:
                    label = args[++i];
                    break;
                case "--hours" when i + 1 < args.Length && TryNumber(args[i + 1], 1, MostHours, out hours):
                case "--gpus" when i + 1 < args.Length && TryNumber(args[i + 1], 0, MostGpus, out gpus):
                    i++;
                    break;
                case "--hours" or "--gpus":
                    return Refuse($"{args[i]}: found {Found(args, i + 1)}, a number {(args[i] is "--hours" ? $"from 1 to {MostHours}" : $"up to {MostGpus}")} is wanted");
                case "--forge" when i + 1 < args.Length:
                    forgery = args[++i];
                    break;
                case "--service" or "--out" or "--label" or "--forge":
                    return Refuse($"{args[i]}: found nothing, a value is wanted");
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

        if (folder is null || service is null || file is null)
            return Refuse($"{(folder is null ? "FOLDER" : service is null ? "--service" : "--out")} is missing");
        Forgery? forged = forgery is null ? null : ForgeryList.Find(kind, forgery);
        return forgery is not null && forged is null
            ? Refuse($"--forge: found \"{forgery}\", which is no attack on a machine of kind {kind}; \"Veil.SoftwareTee forgeries\" lists them")
            : Write(folder, service, file, new SoftwareTeeOptions { Kind = kind, RootFolder = folder, Label = label }, TimeSpan.FromHours(hours), gpus, forged, newLog);
    }

    private static string Found(string[] args, int place) => place < args.Length ? $"\"{args[place]}\"" : "nothing";

    private static bool TryNumber(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine($"veil-software-tee record: {problem}; --help says what is allowed");
        return 2;
    }

    private static int Write(string folder, string service, string file, SoftwareTeeOptions machine, TimeSpan lifetime, int gpuCount, Forgery? forgery, bool newLog)
    {
        try
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            using var played = PlayedMachine.Start(machine, forgery, now);
            using var maker = new RecordMaker
            {
                Attester = played,
                GpuCount = gpuCount,
                MakeGpu = () => SoftwareGpu.Under(folder, now),
                Service = service,
                Lifetime = lifetime,
                Now = now,
                NewLog = newLog,
            };
            HostRecord record = forgery is RecordForgery forged ? forged.Make(maker) : maker.Record();
            File.WriteAllBytes(file, record.Encode());
            return 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            Console.Error.WriteLine($"veil-software-tee record: {failure.Message}");
            return 1;
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json;

namespace Veil.SoftwareTee;

/// <summary><c>root</c>: makes the root where there is none, and prints what a policy has to name to trust hosts under it.</summary>
internal static class RootCommand
{
    private const string Usage = """
        usage: Veil.SoftwareTee root FOLDER [--label TEXT] [--kind sev-snp|tdx|gpu] [--json]

        Makes a software TEE's root in FOLDER where there is none, and prints the SHA-256 of its key (for a policy's trusted
        roots) and the launch measurement of a guest with that label (for its measurements, or a TD's mrtd). --kind is the kind of
        machine, sev-snp where it is not given; gpu prints what a policy names for its GPUs: root, index and measurement. Development only: whoever reads
        FOLDER can forge hosts.

        "Veil.SoftwareTee record" makes one host's record, "Veil.SoftwareTee forgeries" lists what can be wrong with it. Without
        a command the program is a host agent; see its appsettings.json for the settings.
        """;

    private const string Gpu = "gpu";

    public static int Run(string[] args)
    {
        string? folder = null;
        string? label = null;
        string kind = SoftwareTeeOptions.SevSnp;
        bool json = false;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--label" when i + 1 < args.Length:
                    label = args[++i];
                    break;
                case "--kind" when i + 1 < args.Length && args[i + 1] is SoftwareTeeOptions.SevSnp or SoftwareTeeOptions.Tdx or Gpu:
                    kind = args[++i];
                    break;
                case "--label":
                    return Refuse("--label: found nothing, a value is wanted");
                case "--kind":
                    return Refuse($"--kind: found {(i + 1 < args.Length ? $"\"{args[i + 1]}\"" : "nothing")}, {SoftwareTeeOptions.SevSnp}, {SoftwareTeeOptions.Tdx} or {Gpu} is wanted");
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

        return folder is null ? Refuse("FOLDER is missing")
            : label is not null && kind is Gpu ? Refuse("--label: a GPU has none")
            : Print(folder, label ?? new SoftwareTeeOptions().Label, kind, json);
    }

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine($"veil-software-tee root: {problem}; --help says what is allowed");
        return 2;
    }

    private static int Print(string folder, string label, string kind, bool json)
    {
        try
        {
            string spki = Convert.ToHexStringLower(SpkiSha256(folder, kind, TimeProvider.System.GetUtcNow()));
            string measurement = Convert.ToHexStringLower(kind is Gpu ? SoftwareGpu.Measurement.Span : SoftwareGuest.MeasurementOf(label));
            string name = kind is Gpu ? $"measurement {SoftwareGpu.MeasurementIndex}" : "measurement";
            Console.WriteLine(
                !json ? $"root SPKI SHA-256  {spki}\n{name,-19}{measurement}"
                : kind is Gpu ? JsonSerializer.Serialize(new { root_spki_sha256 = spki, index = SoftwareGpu.MeasurementIndex, measurement })
                : JsonSerializer.Serialize(new { root_spki_sha256 = spki, measurement }));
            return 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            Console.Error.WriteLine($"veil-software-tee root: {folder} holds no usable root: {failure.Message}");
            return 1;
        }
    }

    private static byte[] SpkiSha256(string folder, string kind, DateTimeOffset now)
    {
        if (kind is Gpu)
        {
            using SoftwareGpu gpu = SoftwareGpu.Under(folder, now);
            return gpu.SpkiSha256;
        }

        if (kind is SoftwareTeeOptions.Tdx)
        {
            using SoftwareTdxPlatform platform = SoftwareTdxPlatform.Under(folder, now);
            return platform.SpkiSha256;
        }

        using SoftwareRoot root = SoftwareRoot.OpenOrCreate(folder, now);
        return root.SpkiSha256;
    }
}

using System.Globalization;
using Veil.Attestation.Snp;

namespace Veil.Attestation.PolicyFile;

/// <summary>Reads <c>kinds.sev-snp</c> of a policy's JSON.</summary>
internal static class SnpPolicyReader
{
    /// <summary>The kind's name.</summary>
    public const string Kind = "sev-snp";

    private const string MeasurementName = "measurement";
    private const int SpkiHashSize = 32;
    private static readonly string[] SoftwareMembers = ["measurements", "signers"];

    /// <summary>Reads it; problems go to the object's list.</summary>
    /// <param name="snp">The member.</param>
    /// <param name="releases">Where the software comes from instead of the JSON, or null.</param>
    public static SnpPolicy Read(PolicyObject snp, IEnumerable<ReferenceValues>? releases)
    {
        var defaults = new SnpPolicy();
        PolicyObject? guest = snp.Object("guest_policy");
        PolicyObject? platform = snp.Object("platform_info");
        var policy = new SnpPolicy
        {
            TrustedRoots = snp.ByteLists("trusted_roots", SpkiHashSize, defaults.TrustedRoots),
            Measurements = releases is null
                ? snp.ByteLists("measurements", SnpReport.MeasurementSize, defaults.Measurements)
                : [.. releases.Select(release => ReadRelease(release, snp)).OfType<ReadOnlyMemory<byte>>()],
            Signers = [.. snp.Objects("signers").Select(ReadSigner)],
            HostData = snp.ByteLists("host_data", SnpReport.HostDataSize, defaults.HostData),
            FamilyIds = snp.ByteLists("family_ids", SnpReport.ImageIdSize, defaults.FamilyIds),
            ImageIds = snp.ByteLists("image_ids", SnpReport.ImageIdSize, defaults.ImageIds),
            ChipIds = snp.ByteLists("chip_ids", SnpReport.ChipIdSize, defaults.ChipIds),
            AllowDebug = snp.Flag("allow_debug", defaults.AllowDebug),
            AllowMigration = snp.Flag("allow_migration", defaults.AllowMigration),
            MaxVmpl = (byte)snp.Number("max_vmpl", 0, 3, defaults.MaxVmpl),
            RequiredGuestPolicy = guest?.Bits("required", SnpGuestPolicy.Names, defaults.RequiredGuestPolicy) ?? defaults.RequiredGuestPolicy,
            ForbiddenGuestPolicy = guest?.Bits("forbidden", SnpGuestPolicy.Names, defaults.ForbiddenGuestPolicy) ?? defaults.ForbiddenGuestPolicy,
            MinimumAbi = ReadAbi(snp),
            VlekProviders = snp.Texts("vlek_providers"),
            AllowMaskedChipId = snp.Flag("allow_masked_chip_id", defaults.AllowMaskedChipId),
            MinimumTcb = ReadMinimumTcb(snp.Object("min_tcb")),
            AllowProvisionalFirmware = snp.Flag("allow_provisional_firmware", defaults.AllowProvisionalFirmware),
            RequiredMitigations = snp.Number("required_mitigations", 0, ulong.MaxValue, defaults.RequiredMitigations),
            RequiredPlatformInfo = platform?.Bits("required", SnpPlatformInfo.Names, defaults.RequiredPlatformInfo) ?? defaults.RequiredPlatformInfo,
            ForbiddenPlatformInfo = platform?.Bits("forbidden", SnpPlatformInfo.Names, defaults.ForbiddenPlatformInfo) ?? defaults.ForbiddenPlatformInfo,
            RequireCrl = snp.Flag("require_crl", defaults.RequireCrl),
        };
        if (snp.Has("trusted_roots") && snp.IsEmpty("trusted_roots"))
        {
            snp.Refuse("an empty list trusts nothing; without it AMD's own roots are trusted.", "trusted_roots");
        }

        if (releases is not null)
        {
            foreach (string name in SoftwareMembers.Where(snp.Has))
            {
                snp.Refuse("comes from releases here.", name);
            }
        }
        else if (snp.IsEmpty("measurements") && snp.IsEmpty("signers"))
        {
            snp.Refuse("neither measurements nor signers: nothing is accepted.");
        }

        guest?.Complete();
        platform?.Complete();
        snp.Complete();
        return policy;
    }

    /// <summary>The launch measurement of a release; null where it does not name that and nothing else.</summary>
    public static ReadOnlyMemory<byte>? MeasurementOf(ReferenceValues release) =>
        release.Measurements.Count == 1 && release.Measurements.TryGetValue(MeasurementName, out ReadOnlyMemory<byte> value) && value.Length == SnpReport.MeasurementSize
            ? value
            : default(ReadOnlyMemory<byte>?);

    private static ReadOnlyMemory<byte>? ReadRelease(ReferenceValues release, PolicyObject snp)
    {
        ReadOnlyMemory<byte>? measurement = MeasurementOf(release);
        if (measurement is null)
        {
            snp.Refuse($"a release needs one {MeasurementName} of {SnpReport.MeasurementSize} bytes.");
        }

        return measurement;
    }

    private static SnpImageSigner ReadSigner(PolicyObject signer)
    {
        var read = new SnpImageSigner
        {
            IdKeyDigest = signer.Bytes("id_key", SnpReport.KeyDigestSize),
            AuthorKeyDigest = signer.Bytes("author_key", SnpReport.KeyDigestSize),
            MinimumGuestSvn = (uint)signer.Number("min_guest_svn", 0, uint.MaxValue, absent: null),
        };
        if (!signer.Has("id_key") && !signer.Has("author_key"))
        {
            signer.Refuse("id_key or author_key is wanted.");
        }

        signer.Complete();
        return read;
    }

    private static (byte Major, byte Minor) ReadAbi(PolicyObject snp)
    {
        if (snp.Text("min_abi") is not { } text)
        {
            return default;
        }

        string[] parts = text.Split('.');
        if (parts is [var major, var minor]
            && byte.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out byte high)
            && byte.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out byte low))
        {
            return (high, low);
        }

        snp.Refuse("\"major.minor\" is wanted, each 0 to 255.", "min_abi");
        return default;
    }

    private static Dictionary<ProductLine, TcbVersion> ReadMinimumTcb(PolicyObject? minimum)
    {
        var read = new Dictionary<ProductLine, TcbVersion>();
        foreach (ProductLine product in new[] { ProductLine.Milan, ProductLine.Genoa, ProductLine.Turin })
        {
            if (minimum?.Object(product.ToString()) is { } tcb)
            {
                byte fmc = product is ProductLine.Turin ? Level(tcb, "fmc") : (byte)0;
                read.Add(product, new(fmc, Level(tcb, "bootloader"), Level(tcb, "tee"), Level(tcb, "snp"), Level(tcb, "microcode")));
                tcb.Complete();
            }
        }

        minimum?.Complete();
        return read;
    }

    private static byte Level(PolicyObject tcb, string name) => (byte)tcb.Number(name, 0, byte.MaxValue, absent: null);
}

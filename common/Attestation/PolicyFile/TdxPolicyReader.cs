using System.Buffers.Binary;
using Veil.Attestation.Tdx;

namespace Veil.Attestation.PolicyFile;

/// <summary>Reads <c>kinds.tdx</c> of a policy's JSON.</summary>
internal static class TdxPolicyReader
{
    /// <summary>The kind's name.</summary>
    public const string Kind = "tdx";

    private const int SpkiHashSize = 32;
    private const int XfamSize = 8;
    private static readonly string[] Registers = ["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"];

    /// <summary>Reads it; problems go to the object's list.</summary>
    /// <param name="tdx">The member.</param>
    /// <param name="releases">Where the software comes from instead of the JSON, or null.</param>
    public static TdxPolicy Read(PolicyObject tdx, IEnumerable<ReferenceValues>? releases)
    {
        var defaults = new TdxPolicy();
        PolicyObject? attributes = tdx.Object("td_attributes");
        var policy = new TdxPolicy
        {
            TrustedRoots = tdx.ByteLists("trusted_roots", SpkiHashSize, defaults.TrustedRoots),
            Images = releases is null
                ? [.. tdx.Objects("images").Select(ReadImage)]
                : [.. releases.Select(release => ReadRelease(release, tdx)).OfType<TdxImage>()],
            TcbStatuses = ReadStatuses(tdx, defaults.TcbStatuses),
            MinimumEvaluationNumber = (uint)tdx.Number("min_tcb_evaluation", 0, int.MaxValue, defaults.MinimumEvaluationNumber),
            AllowDebug = tdx.Flag("allow_debug", defaults.AllowDebug),
            RequiredAttributes = attributes?.Bits("required", TdAttributes.Names, defaults.RequiredAttributes) ?? defaults.RequiredAttributes,
            ForbiddenAttributes = attributes?.Bits("forbidden", TdAttributes.Names, defaults.ForbiddenAttributes) ?? defaults.ForbiddenAttributes,
            Xfam = [.. tdx.ByteLists("xfam", XfamSize, []).Select(value => BinaryPrimitives.ReadUInt64BigEndian(value.Span))],
            Modules = tdx.ByteLists("modules", TdReport.MeasurementSize, defaults.Modules),
            ConfigIds = tdx.ByteLists("config_ids", TdReport.MeasurementSize, defaults.ConfigIds),
            Owners = tdx.ByteLists("owners", TdReport.MeasurementSize, defaults.Owners),
            OwnerConfigs = tdx.ByteLists("owner_configs", TdReport.MeasurementSize, defaults.OwnerConfigs),
            ServiceTds = tdx.ByteLists("service_tds", TdReport.MeasurementSize, defaults.ServiceTds),
            RequireCrl = tdx.Flag("require_crl", defaults.RequireCrl),
        };
        if (tdx.Has("trusted_roots") && tdx.IsEmpty("trusted_roots"))
        {
            tdx.Refuse("an empty list trusts nothing; without it Intel's own root is trusted.", "trusted_roots");
        }

        if (releases is not null && tdx.Has("images"))
        {
            tdx.Refuse("comes from releases here.", "images");
        }
        else if (releases is null && tdx.IsEmpty("images"))
        {
            tdx.Refuse("no images: nothing is accepted.");
        }

        attributes?.Complete();
        tdx.Complete();
        return policy;
    }

    /// <summary>The image of a release; null where it does not name MRTD, or names something else than registers.</summary>
    public static TdxImage? ImageOf(ReferenceValues release)
    {
        bool isImage = release.Measurements.ContainsKey(Registers[0])
            && release.Measurements.All(pair => Registers.Contains(pair.Key, StringComparer.Ordinal) && pair.Value.Length == TdReport.MeasurementSize);

        // A plain null would become an empty memory, which no register has.
        return isImage ? Make(name => release.Measurements.TryGetValue(name, out ReadOnlyMemory<byte> value) ? value : default(ReadOnlyMemory<byte>?)) : null;
    }

    private static TdxImage ReadImage(PolicyObject image)
    {
        if (!image.Has(Registers[0]))
        {
            image.Refuse("is missing.", Registers[0]);
        }

        TdxImage read = Make(name => image.Bytes(name, TdReport.MeasurementSize));
        image.Complete();
        return read;
    }

    private static TdxImage? ReadRelease(ReferenceValues release, PolicyObject tdx)
    {
        TdxImage? image = ImageOf(release);
        if (image is null)
        {
            tdx.Refuse($"a release needs mrtd, and may have rtmr0 to rtmr3, of {TdReport.MeasurementSize} bytes each.");
        }

        return image;
    }

    private static TdxImage Make(Func<string, ReadOnlyMemory<byte>?> value) => new()
    {
        Mrtd = value(Registers[0]) ?? ReadOnlyMemory<byte>.Empty,
        Rtmr0 = value(Registers[1]),
        Rtmr1 = value(Registers[2]),
        Rtmr2 = value(Registers[3]),
        Rtmr3 = value(Registers[4]),
    };

    private static IReadOnlyCollection<TcbStatus> ReadStatuses(PolicyObject tdx, IReadOnlyCollection<TcbStatus> absent)
    {
        if (!tdx.Has("tcb_statuses"))
        {
            return absent;
        }

        TcbStatus[] known = [.. Enum.GetValues<TcbStatus>().Where(status => status is not TcbStatus.Revoked)];
        var statuses = new List<TcbStatus>();
        foreach (string name in tdx.Texts("tcb_statuses"))
        {
            TcbStatus[] named = [.. known.Where(status => status.ToString() == name)];
            statuses.AddRange(named);
            if (named.Length == 0)
            {
                tdx.Refuse($"{string.Join(", ", known)} are known.", "tcb_statuses");
            }
        }

        if (statuses.Count == 0)
        {
            tdx.Refuse("an empty list accepts nothing.", "tcb_statuses");
        }

        return statuses;
    }
}

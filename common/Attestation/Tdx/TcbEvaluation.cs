namespace Veil.Attestation.Tdx;

/// <summary>
/// Intel's evaluation of a platform: the first levels that it reaches, the module's own level, and all of it brought together with the quoting enclave's. Each part is
/// null when no level is reached.
/// </summary>
internal sealed record TcbEvaluation
{
    private const int FirstMicrocode = 2;

    /// <summary>The platform's level: SGX components, PCESVN and TDX components.</summary>
    public required TcbOutcome? Platform { get; init; }

    /// <summary>The module's level; null for version 0, which has none of its own.</summary>
    public required TcbOutcome? Module { get; init; }

    /// <summary>True when the module is one that TCB info names.</summary>
    public required bool IsModuleKnown { get; init; }

    /// <summary>The quoting enclave's level.</summary>
    public required TcbOutcome? Enclave { get; init; }

    /// <summary>All together; null when any part has no level.</summary>
    public required TcbStatus? Status { get; init; }

    /// <summary>Advisories of all parts, each once, in order.</summary>
    public IReadOnlyList<string> Advisories =>
        [.. new[] { Platform, Module, Enclave }.SelectMany(outcome => outcome?.Advisories ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Evaluates a platform.</summary>
    /// <param name="report">The TD's report.</param>
    /// <param name="pck">What the PCK certificate says.</param>
    /// <param name="info">TCB info of that kind of platform.</param>
    /// <param name="enclave">The quoting enclave's level.</param>
    public static TcbEvaluation Of(TdReport report, PckExtension pck, TcbInfo info, TcbOutcome? enclave)
    {
        // 1. The first level whose SGX components and PCESVN are reached, and the first of these whose TDX components are.
        TcbLevel[] sgx = [.. info.Levels.Where(level => Reaches(pck.ComponentSvns, level.SgxComponents) && pck.PceSvn >= level.PceSvn)];
        byte moduleVersion = report.TcbSvn[1];
        int first = moduleVersion == 0 ? 0 : FirstMicrocode;
        TcbLevel? platform = Array.Find(sgx, level => Reaches(report.TcbSvn[first..], level.TdxComponents.AsSpan(first)));

        // 2. The module by its version.
        TdxModuleIdentity? module = moduleVersion == 0 ? info.Module : info.Modules.FirstOrDefault(identity => identity.Id.Equals($"TDX_{moduleVersion:X2}", StringComparison.OrdinalIgnoreCase));
        bool known = module is not null && module.Matches(report);
        int moduleSvn = report.TcbSvn[0];
        TcbOutcome? moduleOutcome = known && moduleVersion != 0 ? module!.Levels.FirstOrDefault(level => level.Svn <= moduleSvn)?.Outcome : null;

        // 3. Together; a part without a level leaves none.
        TcbStatus? status = platform is null || enclave is null || !known || (moduleVersion != 0 && moduleOutcome is null)
            ? null
            : Converge(Converge(platform.Outcome.Status, moduleOutcome?.Status ?? TcbStatus.UpToDate), enclave.Status);
        if (status is TcbStatus.OutOfDate or TcbStatus.OutOfDateConfigurationNeeded && enclave!.Status is not TcbStatus.OutOfDate && IsUpdatedSinceLaunch(report, sgx[0], info))
        {
            status = sgx[0].Outcome.Status is TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded
                ? TcbStatus.TDRelaunchAdvisedConfigurationNeeded
                : TcbStatus.TDRelaunchAdvised;
        }

        return new() { Platform = platform?.Outcome, Module = moduleOutcome, IsModuleKnown = known, Enclave = enclave, Status = status };
    }

    /// <summary>The worse of a platform's status and that of a part of it.</summary>
    public static TcbStatus Converge(TcbStatus platform, TcbStatus part) => (platform, part) switch
    {
        (TcbStatus.Revoked, _) or (_, TcbStatus.Revoked) => TcbStatus.Revoked,
        (TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded or TcbStatus.OutOfDateConfigurationNeeded, TcbStatus.OutOfDate or TcbStatus.OutOfDateConfigurationNeeded) => TcbStatus.OutOfDateConfigurationNeeded,
        (_, TcbStatus.OutOfDate) => TcbStatus.OutOfDate,
        (TcbStatus.UpToDate, _) => part,
        (_, TcbStatus.UpToDate) => platform,
        _ => (TcbStatus)Math.Max((int)platform, (int)part),
    };

    /// <summary>
    /// True when only what ran at the TD's launch is old: the platform's own level is good, and the module that runs now has reached the newest levels.
    /// </summary>
    private static bool IsUpdatedSinceLaunch(TdReport report, TcbLevel sgx, TcbInfo info)
    {
        if (!report.Is15 || sgx.Outcome.Status is TcbStatus.OutOfDate or TcbStatus.OutOfDateConfigurationNeeded or TcbStatus.Revoked || info.Levels.Count == 0)
        {
            return false;
        }

        byte version = report.CurrentTcbSvn[1];
        byte[] newest = info.Levels[0].TdxComponents;
        int wanted = version == 0
            ? newest[0]
            : info.Modules.FirstOrDefault(identity => identity.Id.Equals($"TDX_{version:X2}", StringComparison.OrdinalIgnoreCase))?.Levels is [var level, ..] ? level.Svn : int.MaxValue;
        return report.CurrentTcbSvn[0] >= wanted && report.CurrentTcbSvn[FirstMicrocode] >= newest[FirstMicrocode];
    }

    private static bool Reaches(ReadOnlySpan<byte> levels, ReadOnlySpan<byte> wanted)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if (levels[i] < wanted[i])
            {
                return false;
            }
        }

        return true;
    }
}

namespace Veil.Attestation.Tdx;

/// <summary>What a policy asks of a TD's report whose every byte is the hardware's own.</summary>
internal static class TdxPolicyChecks
{
    private static readonly byte[] Zero = new byte[TdReport.MeasurementSize];

    /// <summary>Makes the checks.</summary>
    public static void Appraise(TdReport report, TdxPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        CheckAttributes(report, policy, checks);
        CheckImage(report, policy, scope, checks);
        CheckPinned(CheckNames.LaunchConfiguration, "MRCONFIGID", report.ConfigId, "TD report 184", policy.ConfigIds, scope, checks);
        CheckPinned(CheckNames.LaunchConfiguration, "MROWNER", report.Owner, "TD report 232", policy.Owners, scope, checks);
        CheckPinned(CheckNames.LaunchConfiguration, "MROWNERCONFIG", report.OwnerConfig, "TD report 280", policy.OwnerConfigs, scope, checks);
        CheckPinned(CheckNames.ServiceTd, "MRSERVICETD", report.Is15 ? report.ServiceTd : Zero, "TD report 600", policy.ServiceTds, scope, checks);
        if (policy.Modules.Count > 0)
        {
            checks.Check(CheckNames.ModuleMeasurement, Accepted.Contains(policy.Modules, report.SeamModule), Convert.ToHexStringLower(report.SeamModule), Accepted.AnyOf(policy.Modules), "TD report 16");
        }
    }

    private static void CheckAttributes(TdReport report, TdxPolicy policy, VerdictBuilder checks)
    {
        const string Source = "TD report 120";
        ulong debug = report.Attributes & TdAttributes.Debug;
        checks.Check(CheckNames.Debug, policy.AllowDebug || debug == 0, debug == 0 ? "off" : $"0x{debug:x2}", policy.AllowDebug ? "any" : "off", $"{Source} bits 7 to 0", "off");

        ulong found = report.Attributes & ~TdAttributes.Debug;
        bool passed = (found & policy.RequiredAttributes) == policy.RequiredAttributes && (found & policy.ForbiddenAttributes) == 0;
        string wanted = $"with {Accepted.Bits(policy.RequiredAttributes, TdAttributes.Names)}, without {Accepted.Bits(policy.ForbiddenAttributes, TdAttributes.Names)}";
        string nearest = Accepted.Bits((found | policy.RequiredAttributes) & ~policy.ForbiddenAttributes, TdAttributes.Names);
        checks.Check(CheckNames.TdAttributes, passed, Accepted.Bits(found, TdAttributes.Names), wanted, Source, nearest);
        if (policy.Xfam.Count > 0)
        {
            checks.Check(CheckNames.Xfam, policy.Xfam.Contains(report.Xfam), $"0x{report.Xfam:x}", string.Join(" or ", policy.Xfam.Select(value => $"0x{value:x}")), "TD report 128");
        }
    }

    private static void CheckImage(TdReport report, TdxPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        const string Source = "TD report 136";
        string found = Convert.ToHexStringLower(report.Mrtd);
        if (policy.Images.Count == 0 && scope.IsHardwareOnly)
        {
            checks.Gap(CheckNames.Measurement, accepted: true, found, "an image that the policy names", Source);
            return;
        }

        TdxImage[] sameFirmware = [.. policy.Images.Where(image => image.Mrtd.Span.SequenceEqual(report.Mrtd))];
        ReadOnlyMemory<byte>[] firmware = [.. policy.Images.Select(image => image.Mrtd)];
        if (!checks.Check(CheckNames.Measurement, sameFirmware.Length > 0, found, Accepted.AnyOf(firmware), Source, firmware.Length == 1 ? Accepted.AnyOf(firmware) : null))
        {
            return;
        }

        // Registers belong together: those of one image must all be there. Without one, the first of that firmware is what the answer is about.
        TdxImage image = Array.Find(sameFirmware, candidate => candidate.Matches(report)) ?? sameFirmware[0];
        for (int i = 0; i < TdReport.RuntimeRegisters; i++)
        {
            string source = $"TD report {328 + (i * TdReport.MeasurementSize)}";
            string value = $"RTMR{i} {Convert.ToHexStringLower(report.Rtmr(i))}";
            if (image.Rtmr(i) is { } wanted)
            {
                string named = $"RTMR{i} {Convert.ToHexStringLower(wanted.Span)}";
                checks.Check(CheckNames.RuntimeMeasurement, report.Rtmr(i).SequenceEqual(wanted.Span), value, named, source, sameFirmware.Length == 1 ? named : null);
            }
            else
            {
                checks.Gap(CheckNames.RuntimeMeasurement, accepted: true, value, $"RTMR{i} that the policy names", source);
            }
        }
    }

    private static void CheckPinned(
        string name, string field, ReadOnlySpan<byte> value, string source, IReadOnlyCollection<ReadOnlyMemory<byte>> accepted, AppraisalScope scope, VerdictBuilder checks)
    {
        bool isZero = value.SequenceEqual(Zero);
        string found = isZero ? $"{field} zero" : $"{field} {Convert.ToHexStringLower(value)}";
        if (accepted.Count == 0 && !isZero && scope.IsHardwareOnly)
        {
            checks.Gap(name, accepted: true, found, $"{field} that the policy names", source);
        }
        else
        {
            string wanted = accepted.Count == 0 ? $"{field} zero" : $"{field} {Accepted.AnyOf(accepted)}";
            checks.Check(name, accepted.Count == 0 ? isZero : Accepted.Contains(accepted, value), found, wanted, source, accepted.Count <= 1 ? wanted : null);
        }
    }
}

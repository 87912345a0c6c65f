namespace Veil.Attestation.Snp;

/// <summary>What a policy asks of a report whose every byte is the hardware's own: guest, firmware, platform and image.</summary>
internal static class SnpPolicyChecks
{
    /// <summary>Makes the checks; none rests on another.</summary>
    public static void Appraise(SnpReport report, ProductLine product, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        CheckGuest(report, policy, checks);
        CheckFirmware(report, product, policy, checks);
        CheckPlatform(report, policy, checks);
        CheckImage(report, policy, scope, checks);
        CheckPins(report, policy, checks);
    }

    private static void CheckGuest(SnpReport report, SnpPolicy policy, VerdictBuilder checks)
    {
        SnpGuestPolicy guest = report.Policy;
        checks.Check(CheckNames.Debug, policy.AllowDebug || !guest.AllowsDebug, guest.AllowsDebug ? "allowed" : "off", policy.AllowDebug ? "any" : "off", "report 0x008 bit 19", "off");
        checks.Check(CheckNames.Migration, policy.AllowMigration || !guest.AllowsMigration, guest.AllowsMigration ? "allowed" : "off", policy.AllowMigration ? "any" : "off", "report 0x008 bit 18", "off");
        checks.Check(CheckNames.PrivilegeLevel, report.Vmpl <= policy.MaxVmpl, $"VMPL {report.Vmpl}", $"at most VMPL {policy.MaxVmpl}", "report 0x030", $"VMPL {policy.MaxVmpl}");
        ulong settings = guest.Bits & SnpGuestPolicy.Names.Values.Aggregate(policy.RequiredGuestPolicy | policy.ForbiddenGuestPolicy, (left, bit) => left | bit);
        CheckBits(CheckNames.GuestPolicy, settings, policy.RequiredGuestPolicy, policy.ForbiddenGuestPolicy, SnpGuestPolicy.Names, "report 0x008", checks);

        (byte major, byte minor) = policy.MinimumAbi;
        bool asked = guest.AbiMajor > major || (guest.AbiMajor == major && guest.AbiMinor >= minor);
        checks.Check(CheckNames.GuestAbi, asked, $"{guest.AbiMajor}.{guest.AbiMinor}", $"at least {major}.{minor}", "report 0x008 bits 15 to 0", $"{major}.{minor}");
    }

    private static void CheckFirmware(SnpReport report, ProductLine product, SnpPolicy policy, VerdictBuilder checks)
    {
        TcbVersion reported = report.ReportedTcb(product);
        TcbVersion committed = report.CommittedTcb(product);
        TcbVersion current = report.CurrentTcb(product);
        bool ordered = committed.IsAtLeast(reported) && current.IsAtLeast(committed);
        checks.Check(CheckNames.TcbOrder, ordered, $"reported {reported}; committed {committed}; current {current}", "reported at most committed, committed at most current", "report 0x180, 0x1e0, 0x038");

        TcbVersion minimum = policy.MinimumTcb.TryGetValue(product, out TcbVersion wanted) ? wanted : default;
        checks.Check(CheckNames.MinimumTcb, reported.IsAtLeast(minimum), $"reported {reported}", $"at least {minimum}", "report 0x180", reported.RaisedTo(minimum).ToString());
        checks.Check(CheckNames.MinimumTcb, committed.IsAtLeast(minimum), $"committed {committed}", $"at least {minimum}", "report 0x1e0", committed.RaisedTo(minimum).ToString());

        bool provisional = current != committed || report.CurrentFirmware != report.CommittedFirmware;
        checks.Check(
            CheckNames.ProvisionalFirmware, policy.AllowProvisionalFirmware || !provisional, $"current {report.CurrentFirmware}, {current}",
            policy.AllowProvisionalFirmware ? "any" : $"committed {report.CommittedFirmware}, {committed}", "report 0x038, 0x1e8, 0x1ec");
        if (policy.RequiredMitigations != 0)
        {
            ulong both = report.LaunchMitigations & report.CurrentMitigations;
            bool mitigated = (both & policy.RequiredMitigations) == policy.RequiredMitigations;
            checks.Check(CheckNames.Mitigations, mitigated, $"0x{both:x}", $"with 0x{policy.RequiredMitigations:x}", "report 0x1f8, 0x200", $"0x{both | policy.RequiredMitigations:x}");
        }
    }

    private static void CheckPlatform(SnpReport report, SnpPolicy policy, VerdictBuilder checks) =>
        CheckBits(CheckNames.PlatformInfo, report.PlatformInfo, policy.RequiredPlatformInfo, policy.ForbiddenPlatformInfo, SnpPlatformInfo.Names, "report 0x040", checks);

    private static void CheckImage(SnpReport report, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        const string Source = "report 0x090";
        string found = Convert.ToHexStringLower(report.Measurement);
        if (policy.Measurements.Count == 0 && policy.Signers.Count == 0 && scope.IsHardwareOnly)
        {
            checks.Gap(CheckNames.Measurement, accepted: true, found, "a measurement that the policy names", Source);
            return;
        }

        SnpImageSigner[] signers = [.. policy.Signers.Where(signer => signer.Signed(report))];
        bool accepted = Accepted.Contains(policy.Measurements, report.Measurement) || signers.Any(signer => report.GuestSvn >= signer.MinimumGuestSvn);
        if (signers.Length == 0)
        {
            string wanted = policy.Signers.Count == 0 ? Accepted.AnyOf(policy.Measurements) : $"{Accepted.AnyOf(policy.Measurements)}, or an image of a named signer";
            checks.Check(CheckNames.Measurement, accepted, found, wanted, Source, policy.Measurements.Count == 1 ? Accepted.AnyOf(policy.Measurements) : null);
        }
        else
        {
            uint least = signers.Min(signer => signer.MinimumGuestSvn);
            checks.Check(CheckNames.Measurement, accepted, $"signed, GUEST_SVN {report.GuestSvn}", $"GUEST_SVN at least {least}", "report 0x004, 0x0e0, 0x110", $"GUEST_SVN {least}");
        }
    }

    private static void CheckPins(SnpReport report, SnpPolicy policy, VerdictBuilder checks)
    {
        CheckListed(CheckNames.HostData, policy.HostData, report.HostData, "report 0x0c0", checks);
        CheckListed(CheckNames.FamilyId, policy.FamilyIds, report.FamilyId, "report 0x010", checks);
        CheckListed(CheckNames.ImageId, policy.ImageIds, report.ImageId, "report 0x020", checks);
        CheckListed(CheckNames.PinnedChip, policy.ChipIds, report.ChipId, "report 0x1a0", checks);
    }

    private static void CheckListed(string name, IReadOnlyCollection<ReadOnlyMemory<byte>> accepted, ReadOnlySpan<byte> value, string source, VerdictBuilder checks)
    {
        if (accepted.Count > 0)
        {
            string? nearest = accepted.Count == 1 ? Accepted.AnyOf(accepted) : null;
            checks.Check(name, Accepted.Contains(accepted, value), Convert.ToHexStringLower(value), Accepted.AnyOf(accepted), source, nearest);
        }
    }

    private static void CheckBits(
        string name, ulong found, ulong required, ulong forbidden, IReadOnlyDictionary<string, ulong> names, string source, VerdictBuilder checks)
    {
        bool passed = (found & required) == required && (found & forbidden) == 0;
        string wanted = $"with {Accepted.Bits(required, names)}, without {Accepted.Bits(forbidden, names)}";
        checks.Check(name, passed, Accepted.Bits(found, names), wanted, source, passed ? null : Accepted.Bits((found | required) & ~forbidden, names));
    }
}

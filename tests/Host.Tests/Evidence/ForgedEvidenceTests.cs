using System.Buffers.Binary;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Evidence;

/// <summary>Each forgery is refused by the check that stands against it.</summary>
public sealed class ForgedEvidenceTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    [Fact]
    public void An_honest_record_passes_and_expires_with_its_claims()
    {
        HostRecord record = machine.Record();
        Assert.True(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(), SoftwareMachine.Now, out AppraisedHost? host, out Verdict verdict), verdict.ToString());
        Assert.Equal(SoftwareMachine.Now.AddHours(3), host.Expires);
        Assert.Equal(SoftwareMachine.Service, host.Claims.Service);
        Assert.True(verdict.Passed);
        Assert.Equal("passed but for revocation-list", verdict.ToString());
    }

    [Fact]
    public void A_root_that_only_has_AMDs_names_is_refused_by_a_policy_for_AMD() =>
        AssertRefused(CheckNames.TrustedRoot, machine.Record(), SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = AmdRoots.All, Measurements = policy.Measurements }));

    [Fact]
    public void An_empty_list_of_roots_trusts_nobody() =>
        AssertRefused(CheckNames.TrustedRoot, machine.Record(), SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = [], Measurements = policy.Measurements }));

    [Fact]
    public void An_empty_list_of_measurements_accepts_nothing() =>
        AssertRefused(CheckNames.Measurement, machine.Record(), SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = policy.TrustedRoots, Measurements = [] }));

    [Fact]
    public void Another_measurement_is_refused() => AssertRefused(CheckNames.Measurement, machine.Altered(report => report[0x090] ^= 1, signAgain: true));

    [Fact]
    public void Any_flipped_bit_of_the_signed_part_breaks_the_signature_or_an_earlier_check()
    {
        var random = new Random(11);
        for (int i = 0; i < 200; i++)
        {
            int position = random.Next(SnpReport.SignedSize);
            int bit = random.Next(8);
            HostRecord record = machine.Altered(report => report[position] ^= (byte)(1 << bit), signAgain: false);
            Assert.False(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(), SoftwareMachine.Now, out _, out _), $"bit {bit} of byte {position:x}");
        }
    }

    [Fact]
    public void A_report_altered_after_signing_fails_its_signature() =>
        AssertRefused(CheckNames.ReportSignature, machine.Altered(report => report[0x140] ^= 1, signAgain: false));

    [Theory]
    [InlineData(0x2A0)]
    [InlineData(0x2E8)]
    public void A_zero_half_of_the_signature_is_refused(int half) =>
        AssertRefused(CheckNames.ReportSignature, machine.Altered(report => report.AsSpan(half, SnpReport.ScalarSize).Clear(), signAgain: false));

    [Fact]
    public void A_chip_of_another_root_under_the_trusted_ones_names_is_refused()
    {
        using var chip = new SoftwareChip(SoftwareMachine.OtherRoot, SoftwareMachine.Bytes(64, 9), SoftwareMachine.Tcb, SoftwareMachine.Now);
        HostRecord honest = machine.Record();
        byte[] report = chip.Report(SoftwareMachine.Guest, HostClaims.BoundValue(honest.EncodedClaims.Span));
        AssertRefused(CheckNames.TrustedRoot, new(honest.EncodedClaims, honest.Evidence with { Bytes = report }, chip.Endorsements));
        AssertRefused(CheckNames.Chain, new(honest.EncodedClaims, honest.Evidence with { Bytes = report }, [chip.Endorsements[0], .. honest.Endorsements.Skip(1)]));
        AssertRefused(CheckNames.Chain, new(honest.EncodedClaims, honest.Evidence with { Bytes = report }, [.. chip.Endorsements.Take(2), honest.Endorsements[2]]));
    }

    [Fact]
    public void Another_chips_certificate_is_refused()
    {
        using var other = new SoftwareChip(SoftwareMachine.Root, SoftwareMachine.Bytes(64, 9), SoftwareMachine.Tcb, SoftwareMachine.Now);
        HostRecord honest = machine.Record();
        AssertRefused(CheckNames.ChipId, new(honest.EncodedClaims, honest.Evidence, other.Endorsements));
        AssertRefused(CheckNames.ReportSignature, new(honest.EncodedClaims, honest.Evidence, other.Endorsements));
    }

    [Fact]
    public void Another_chip_id_is_refused() => AssertRefused(CheckNames.ChipId, machine.Altered(report => report[0x1A0] ^= 1, signAgain: true));

    [Fact]
    public void A_masked_chip_id_is_refused() => AssertRefused(CheckNames.ChipId, machine.Altered(report => report.AsSpan(0x1A0, 64).Clear(), signAgain: true));

    [Theory]
    [InlineData(0x180)]
    [InlineData(0x181)]
    [InlineData(0x186)]
    [InlineData(0x187)]
    public void Firmware_that_the_certificate_is_not_for_is_refused(int component) =>
        AssertRefused(CheckNames.EndorsedTcb, machine.Altered(report => report[component] ^= 1, signAgain: true));

    [Fact]
    public void Firmware_below_the_policys_minimum_is_refused_as_reported_and_as_committed()
    {
        SnpPolicy policy = WithMinimum(SoftwareMachine.Tcb with { Snp = 25 });
        AssertRefused(CheckNames.MinimumTcb, machine.Record(), policy);
        AssertPasses(machine.Record(), WithMinimum(SoftwareMachine.Tcb));
        AssertRefused(CheckNames.MinimumTcb, machine.Altered(report => report[0x1E6] = 23, signAgain: true), WithMinimum(SoftwareMachine.Tcb));
    }

    [Fact]
    public void A_guest_that_may_be_debugged_is_refused_unless_the_policy_says_otherwise()
    {
        HostRecord record = machine.Altered(report => report[0x00A] |= 1 << 3, signAgain: true);
        AssertRefused(CheckNames.Debug, record);
        AssertPasses(record, SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = policy.TrustedRoots, Measurements = policy.Measurements, AllowDebug = true }));
    }

    [Fact]
    public void A_guest_that_may_be_migrated_is_refused_unless_the_policy_says_otherwise()
    {
        HostRecord record = machine.Altered(report => report[0x00A] |= 1 << 2, signAgain: true);
        AssertRefused(CheckNames.Migration, record);
        AssertPasses(record, SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = policy.TrustedRoots, Measurements = policy.Measurements, AllowMigration = true }));
    }

    [Fact]
    public void A_report_of_a_lesser_privilege_level_is_refused() => AssertRefused(CheckNames.PrivilegeLevel, machine.Altered(report => report[0x030] = 1, signAgain: true));

    [Fact]
    public void A_report_that_the_operator_asked_for_is_refused() =>
        AssertRefused(CheckNames.ReportFormat, machine.Altered(report => report.AsSpan(0x030, 4).Fill(0xFF), signAgain: true));

    [Fact]
    public void Platform_settings_that_the_policy_requires_or_forbids_are_looked_at()
    {
        HostRecord record = machine.Altered(report => report[0x040] = 0x01, signAgain: true);
        AssertPasses(record);
        AssertRefused(CheckNames.PlatformInfo, record, SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = policy.TrustedRoots, Measurements = policy.Measurements, RequiredPlatformInfo = 0x20 }));
        AssertRefused(CheckNames.PlatformInfo, record, SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = policy.TrustedRoots, Measurements = policy.Measurements, ForbiddenPlatformInfo = 0x01 }));
    }

    [Fact]
    public void Host_data_is_compared_where_the_policy_names_some()
    {
        SnpPolicy policy = SoftwareMachine.SnpPolicy(basis => new() { TrustedRoots = basis.TrustedRoots, Measurements = basis.Measurements, HostData = [SoftwareMachine.Bytes(32, 4)] });
        AssertRefused(CheckNames.HostData, machine.Record(), policy);
        AssertPasses(machine.Altered(report => report.AsSpan(0x0C0, 32).Fill(4), signAgain: true), policy);
    }

    [Fact]
    public void A_report_over_other_claims_is_refused()
    {
        HostRecord honest = machine.Record();
        byte[] claims = honest.EncodedClaims.ToArray();
        claims[1] ^= 1;
        AssertRefused(CheckNames.ReportData, new(claims, honest.Evidence, honest.Endorsements));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    public void Every_byte_of_the_bound_value_counts(int position) =>
        AssertRefused(CheckNames.ReportData, machine.Altered(report => report[0x050 + position] ^= 1, signAgain: true));

    [Fact]
    public void Zero_report_data_is_no_wildcard() => AssertRefused(CheckNames.ReportData, machine.Altered(report => report.AsSpan(0x050, 64).Clear(), signAgain: true));

    [Fact]
    public void A_masked_signature_is_refused() => AssertRefused(CheckNames.SigningKey, machine.Altered(report => report[0x048] = 2, signAgain: true));

    [Fact]
    public void A_report_that_says_no_key_or_a_reserved_one_signed_is_refused()
    {
        AssertRefused(CheckNames.SigningKey, machine.Altered(report => report[0x048] = 7 << 2, signAgain: true));
        AssertRefused(CheckNames.SigningKey, machine.Altered(report => report[0x048] = 3 << 2, signAgain: true));
    }

    [Fact]
    public void A_VLEK_report_needs_a_VLEK_chain_and_a_policy_for_it()
    {
        HostRecord record = machine.Altered(report => report[0x048] = 1 << 2, signAgain: true);
        AssertRefused(CheckNames.SigningKey, record);
        AssertRefused(CheckNames.Endorsements, record, SoftwareMachine.SnpPolicy(policy => new() { TrustedRoots = policy.TrustedRoots, Measurements = policy.Measurements, VlekProviders = ["CN=cloud.example"] }));
    }

    [Theory]
    [InlineData(0x1A, 0x02)]
    [InlineData(0x19, 0x11)]
    [InlineData(0x17, 0x01)]
    public void A_processor_of_another_line_than_its_root_is_refused(byte family, byte model) =>
        AssertRefused(CheckNames.ProductLine, machine.Altered(report => (report[0x188], report[0x189]) = (family, model), signAgain: true));

    [Fact]
    public void Version_2_takes_its_line_from_the_pinned_root() =>
        AssertPasses(machine.Altered(
            report =>
            {
                report[0] = 2;
                report.AsSpan(0x188, 3).Clear();
            },
            signAgain: true));

    [Fact]
    public void Missing_doubled_or_malformed_endorsements_are_refused()
    {
        HostRecord honest = machine.Record();
        for (int i = 0; i < honest.Endorsements.Count; i++)
            AssertRefused(CheckNames.Endorsements, new(honest.EncodedClaims, honest.Evidence, [.. honest.Endorsements.Where((_, index) => index != i)]));
        AssertRefused(CheckNames.Endorsements, new(honest.EncodedClaims, honest.Evidence, [.. honest.Endorsements, honest.Endorsements[0]]));
        AssertRefused(CheckNames.Endorsements, new(honest.EncodedClaims, honest.Evidence, [.. honest.Endorsements, new(Endorsement.CertificateMediaType, new byte[] { 0x30, 0x00 })]));
        AssertPasses(new(honest.EncodedClaims, honest.Evidence, [.. honest.Endorsements, new("application/octet-stream", new byte[] { 1 })]));
    }

    [Fact]
    public void A_chain_outside_its_validity_is_refused()
    {
        DateTimeOffset later = SoftwareMachine.Now.AddYears(7);
        HostClaims claims = SoftwareMachine.Claims();
        HostRecord record = machine.Record(new()
        {
            Id = claims.Id,
            Epoch = claims.Epoch,
            NotBefore = later,
            NotAfter = later.AddHours(1),
            Service = claims.Service,
            TlsSpkiSha256 = claims.TlsSpkiSha256,
            KeyConfig = claims.KeyConfig,
            AcceptsPlainRequests = true,
        });
        Assert.False(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(), later, out _, out Verdict verdict));
        Assert.Equal([CheckNames.ChainValidity], verdict.Failures.Select(check => check.Name));
    }

    [Fact]
    public void Claims_of_another_service_too_early_too_late_or_too_long_are_refused()
    {
        HostRecord record = machine.Record();
        AssertOnlyFailure(CheckNames.ClaimsValidity, record, SoftwareMachine.Policy(), SoftwareMachine.Now.AddHours(3).AddSeconds(1));
        AssertOnlyFailure(CheckNames.ClaimsValidity, record, SoftwareMachine.Policy(), SoftwareMachine.Now.AddSeconds(-61));
        AssertOnlyFailure(CheckNames.ClaimsLifetime, record, new() { Service = SoftwareMachine.Service, Snp = SoftwareMachine.SnpPolicy(), MaxClaimsLifetime = TimeSpan.FromHours(2) }, SoftwareMachine.Now);
        AssertOnlyFailure(CheckNames.ClaimsService, record, new() { Service = "CHAT.example", Snp = SoftwareMachine.SnpPolicy() }, SoftwareMachine.Now);
        Assert.True(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(), SoftwareMachine.Now.AddSeconds(-60), out _, out _));
    }

    [Fact]
    public void Evidence_of_a_kind_that_the_policy_does_not_describe_is_refused()
    {
        HostRecord honest = machine.Record();
        AssertRefused(CheckNames.EvidenceType, new(honest.EncodedClaims, honest.Evidence with { MediaType = "application/vnd.example.sample" }, honest.Endorsements));
        AssertOnlyFailure(CheckNames.EvidenceType, honest, new() { Service = SoftwareMachine.Service }, SoftwareMachine.Now);
    }

    [Fact]
    public void A_report_of_an_unknown_version_is_refused() =>
        AssertRefused(CheckNames.ReportFormat, machine.Altered(report => BinaryPrimitives.WriteUInt32LittleEndian(report, 6), signAgain: true));

    private static SnpPolicy WithMinimum(TcbVersion minimum) => SoftwareMachine.SnpPolicy(policy => new()
    {
        TrustedRoots = policy.TrustedRoots,
        Measurements = policy.Measurements,
        MinimumTcb = new Dictionary<ProductLine, TcbVersion> { [ProductLine.Milan] = minimum },
    });

    private static void AssertPasses(HostRecord record, SnpPolicy? policy = null) =>
        Assert.True(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), SoftwareMachine.Now, out _, out Verdict verdict), verdict.ToString());

    private static void AssertRefused(string check, HostRecord record, SnpPolicy? policy = null)
    {
        Assert.False(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), SoftwareMachine.Now, out AppraisedHost? host, out Verdict verdict));
        Assert.Null(host);
        Assert.Contains(check, verdict.Failures.Select(failure => failure.Name));
    }

    private static void AssertOnlyFailure(string check, HostRecord record, AppraisalPolicy policy, DateTimeOffset now)
    {
        Assert.False(AppraisedHost.TryAppraise(record, policy, now, out _, out Verdict verdict));
        Assert.Equal([check], verdict.Failures.Select(failure => failure.Name));
    }
}

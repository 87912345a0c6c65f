using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Evidence;

/// <summary>Chains, certificates and revocation lists that say something else than the report, or that others made.</summary>
public sealed class ForgedEndorsementTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    private const string Provider = "CN=cloud.example";
    private static readonly byte[] ChipId = SoftwareMachine.Bytes(SnpReport.ChipIdSize, 0x02);
    private static readonly SnpPolicy WithVlek = SoftwareMachine.SnpPolicy() with { VlekProviders = [Provider] };
    private static readonly SnpPolicy WithCrl = SoftwareMachine.SnpPolicy() with { RequireCrl = true };
    private static readonly byte[] IntermediateSerial = [1, 0, 1];

    [Fact]
    public void Roots_that_come_with_the_evidence_are_never_trusted_even_beside_the_pinned_one()
    {
        HostRecord honest = machine.Record();
        using SoftwareRoot namesake = SoftwareMachine.OtherRoot.ForLine(ProductLine.Genoa);
        using var forged = new SoftwareChip(SoftwareMachine.OtherRoot, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now);
        HostRecord record = Record(forged);
        AssertRefused(CheckNames.Endorsements, record.With([.. record.Endorsements, honest.Endorsements[2]]));
        AssertRefused(CheckNames.Endorsements, honest.With([.. honest.Endorsements, new(Endorsement.CertificateMediaType, namesake.Root.RawData)]));
    }

    [Fact]
    public void A_pinned_root_of_another_line_vouches_for_no_report_of_this_one()
    {
        using SoftwareRoot genoa = SoftwareMachine.Root.ForLine(ProductLine.Genoa);
        using var chip = new SoftwareChip(genoa, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now);
        AssertPasses(Record(chip));
        AssertRefused(CheckNames.ProductLine, Record(chip, report => (report[0x188], report[0x189]) = (0x19, 0x01)));

        // Version 2 does not say its line: the certificate does.
        using var milanKey = new SoftwareChip(genoa, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, new() { ProductName = "Milan-B0" });
        AssertRefused(CheckNames.EndorsementKey, Record(milanKey, guest: SoftwareMachine.Guest with { Version = 2 }));
    }

    [Theory]
    [InlineData(ProductLine.Milan)]
    [InlineData(ProductLine.Genoa)]
    [InlineData(ProductLine.Turin)]
    public void Honest_machines_of_every_line_and_version_pass(ProductLine line)
    {
        using SoftwareRoot root = SoftwareMachine.Root.ForLine(line);
        TcbVersion tcb = SoftwareMachine.Tcb with { Fmc = line is ProductLine.Turin ? (byte)3 : (byte)0 };
        byte[] chipId = line is ProductLine.Turin ? [.. ChipId[..8], .. new byte[56]] : ChipId;
        byte[] hardwareId = line is ProductLine.Turin ? chipId[..8] : chipId;
        foreach (byte[] written in new[] { hardwareId, [0x04, (byte)hardwareId.Length, .. hardwareId] })
        {
            using var chip = new SoftwareChip(root, chipId, tcb, SoftwareMachine.Now, new() { HardwareId = written });
            for (uint version = 2; version <= 5; version++)
                AssertPasses(Record(chip, guest: SoftwareMachine.Guest with { Version = version }));
        }
    }

    [Fact]
    public void A_chain_that_is_not_valid_yet_is_refused()
    {
        using var chip = new SoftwareChip(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, new() { NotBefore = SoftwareMachine.Now.AddSeconds(1) });
        AssertOnlyFailure(CheckNames.ChainValidity, Record(chip));
    }

    [Fact]
    public void A_certificate_for_another_firmware_or_chip_than_the_report_names_is_refused_by_what_the_certificate_says()
    {
        using var older = new SoftwareChip(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, new() { Tcb = SoftwareMachine.Tcb with { Microcode = 1 } });
        AssertOnlyFailure(CheckNames.EndorsedTcb, Record(older));
        using var other = new SoftwareChip(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, new() { HardwareId = SoftwareMachine.Bytes(64, 3) });
        AssertOnlyFailure(CheckNames.ChipId, Record(other));
    }

    [Fact]
    public void A_VLEK_passes_for_a_provider_that_the_policy_names_and_for_no_other()
    {
        using var chip = Vlek();
        AssertPasses(Record(chip, SaysVlek), WithVlek);
        AssertRefused(CheckNames.SigningKey, Record(chip, SaysVlek));
        AssertOnlyFailure(CheckNames.KeyHolder, Record(chip, SaysVlek), WithVlek with { VlekProviders = ["CN=other.example"] });
        AssertOnlyFailure(CheckNames.KeyHolder, Record(chip, SaysVlek), WithVlek with { VlekProviders = [Provider.ToLowerInvariant()] });
    }

    [Fact]
    public void Report_and_certificate_must_agree_on_the_kind_of_key_both_ways()
    {
        using var vlek = Vlek();
        using var vcek = new SoftwareChip(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now);
        AssertRefused(CheckNames.Endorsements, Record(vlek), WithVlek);
        AssertRefused(CheckNames.Endorsements, Record(vcek, SaysVlek), WithVlek);
        foreach (SoftwareEndorsement lie in new SoftwareEndorsement[]
        {
            new() { Kind = SnpSigningKey.Vlek, Provider = Provider, HardwareId = ChipId },
            new() { Kind = SnpSigningKey.Vlek },
        })
        {
            using var confused = new SoftwareChip(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, lie);
            AssertRefused(CheckNames.EndorsementKey, Record(confused, SaysVlek), WithVlek);
        }

        using var shared = new SoftwareChip(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, new() { Provider = Provider });
        AssertRefused(CheckNames.EndorsementKey, Record(shared), WithVlek);
        using var renamed = new SoftwareChip(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, new() { CommonName = "SEV-VLEK", HardwareId = default(ReadOnlyMemory<byte>), Provider = Provider });
        AssertRefused(CheckNames.Chain, WithVlekIntermediate(Record(renamed, SaysVlek)), WithVlek);
    }

    [Fact]
    public void A_masked_chip_id_is_refused_and_where_the_policy_allows_it_a_named_gap()
    {
        HostRecord record = machine.Altered(report => report.AsSpan(0x1A0, SnpReport.ChipIdSize).Clear(), signAgain: true);
        AssertOnlyFailure(CheckNames.ChipId, record);
        Verdict verdict = AssertPasses(record, SoftwareMachine.SnpPolicy() with { AllowMaskedChipId = true });
        Assert.Contains(CheckNames.ChipId, verdict.Gaps.Select(check => check.Name));
    }

    [Fact]
    public void A_revoked_intermediate_is_refused_by_a_list_that_is_current_and_by_a_stale_one()
    {
        AssertOnlyFailure(CheckNames.RevocationList, WithList(List([IntermediateSerial])));
        AssertOnlyFailure(CheckNames.RevocationList, WithList(List([[5], IntermediateSerial, [6]], start: -60, end: -30)));
    }

    [Fact]
    public void A_current_list_that_names_nobody_of_the_chain_passes_and_bounds_the_verdict_where_it_is_required()
    {
        HostRecord record = WithList(List([[5]]));
        Assert.Empty(AssertPasses(record, WithCrl).Gaps);
        Assert.True(AppraisedHost.TryAppraise(WithList(List([], end: 0.05)), SoftwareMachine.Policy(WithCrl), SoftwareMachine.Now, out AppraisedHost? host, out _));
        Assert.Equal(SoftwareMachine.Now.AddDays(0.05), host.Expires);
    }

    [Fact]
    public void Without_a_current_list_a_policy_that_requires_one_refuses_and_any_other_names_the_gap()
    {
        foreach (HostRecord record in new[] { machine.Record(), WithList(List([], start: -60, end: -30)), WithList(List([], start: 1, end: 30)) })
        {
            AssertOnlyFailure(CheckNames.RevocationList, record, WithCrl);
            Assert.Equal([CheckNames.RevocationList], AssertPasses(record).Gaps.Select(check => check.Name));
        }
    }

    [Fact]
    public void A_list_of_another_issuer_a_second_one_and_a_malformed_one_are_refused_whether_required_or_not()
    {
        Endorsement honest = List([]);
        Endorsement forged = SoftwareMachine.OtherRoot.RevocationList([], SoftwareMachine.Now.AddDays(-1), SoftwareMachine.Now.AddDays(30));
        using SoftwareRoot genoa = SoftwareMachine.Root.ForLine(ProductLine.Genoa);
        Endorsement ofOtherLine = genoa.RevocationList([], SoftwareMachine.Now.AddDays(-1), SoftwareMachine.Now.AddDays(30));
        byte[] altered = honest.Bytes.ToArray();
        altered[^1] ^= 1;
        AssertOnlyFailure(CheckNames.RevocationList, WithList(forged));
        AssertOnlyFailure(CheckNames.RevocationList, WithList(ofOtherLine));
        AssertOnlyFailure(CheckNames.RevocationList, WithList(honest with { Bytes = altered }));
        AssertOnlyFailure(CheckNames.RevocationList, WithList(honest with { Bytes = honest.Bytes[..^1] }));
        AssertOnlyFailure(CheckNames.RevocationList, WithList(honest, honest));
    }

    [Fact]
    public void A_remembered_chain_is_asked_again_for_time_revocation_and_policy()
    {
        HostRecord record = machine.Record();
        var known = new VerifiedSignatures();
        Assert.True(Appraise(record, SoftwareMachine.SnpPolicy(), SoftwareMachine.Now, known).Passed);
        Assert.Equal(3, known.Count);
        Assert.True(Appraise(record, SoftwareMachine.SnpPolicy(), SoftwareMachine.Now, known).Passed);
        Assert.Equal(3, known.Count);
        Assert.Contains(CheckNames.ChainValidity, Names(Appraise(record, SoftwareMachine.SnpPolicy(), SoftwareMachine.Now.AddYears(8), known)));
        Assert.Equal([CheckNames.TrustedRoot], Names(Appraise(record, SoftwareMachine.SnpPolicy() with { TrustedRoots = AmdRoots.All }, SoftwareMachine.Now, known)));
        Assert.Equal([CheckNames.RevocationList], Names(Appraise(WithList(List([IntermediateSerial])), SoftwareMachine.SnpPolicy(), SoftwareMachine.Now, known)));
    }

    [Fact]
    public void A_memory_holds_neither_failures_nor_reports_and_does_not_grow_for_ever()
    {
        HostRecord honest = machine.Record();
        var known = new VerifiedSignatures();
        byte[] altered = honest.Endorsements[0].Bytes.ToArray();
        altered[^1] ^= 1;
        HostRecord forged = honest.With([honest.Endorsements[0] with { Bytes = altered }, .. honest.Endorsements.Skip(1)]);
        for (int i = 0; i < 3; i++)
            Assert.Equal([CheckNames.Chain], Names(Appraise(forged, SoftwareMachine.SnpPolicy(), SoftwareMachine.Now, known)));
        Assert.Equal(2, known.Count);
        Assert.True(ParsedCertificate.TryParse(SoftwareMachine.Root.Root.RawData, out ParsedCertificate? signer));
        for (int i = 0; i < VerifiedSignatures.Capacity + 10; i++)
            Assert.True(known.Verify(signer, new(BitConverter.GetBytes(i), default), static (_, _) => true));
        Assert.Equal(VerifiedSignatures.Capacity, known.Count);
    }

    [Fact]
    public void A_memory_tells_signers_signed_bytes_and_signatures_apart()
    {
        var known = new VerifiedSignatures();
        Assert.True(ParsedCertificate.TryParse(SoftwareMachine.Root.Root.RawData, out ParsedCertificate? signer));
        Assert.True(ParsedCertificate.TryParse(SoftwareMachine.OtherRoot.Root.RawData, out ParsedCertificate? other));
        Assert.True(known.Verify(signer, new(new byte[] { 1, 2 }, new byte[] { 3 }), static (_, _) => true));
        Assert.True(known.Verify(signer, new(new byte[] { 1, 2 }, new byte[] { 3 }), static (_, _) => false));
        Assert.False(known.Verify(other, new(new byte[] { 1, 2 }, new byte[] { 3 }), static (_, _) => false));
        Assert.False(known.Verify(signer, new(new byte[] { 1 }, new byte[] { 2, 3 }), static (_, _) => false));
        Assert.False(known.Verify(signer, new(new byte[] { 1, 2 }, new byte[] { 4 }), static (_, _) => false));
        Assert.False(known.Verify(signer, new(new byte[] { 1, 3 }, new byte[] { 3 }), static (_, _) => false));
        Assert.Equal(1, known.Count);
    }

    private static void SaysVlek(byte[] report) => report[0x048] = 1 << 2;

    private static SoftwareChip Vlek() => new(SoftwareMachine.Root, ChipId, SoftwareMachine.Tcb, SoftwareMachine.Now, new() { Kind = SnpSigningKey.Vlek, Provider = Provider });

    private static HostRecord Record(SoftwareChip chip, Action<byte[]>? alter = null, SoftwareGuest? guest = null)
    {
        byte[] claims = SoftwareMachine.Claims().Encode();
        byte[] report = chip.Report(guest ?? SoftwareMachine.Guest, HostClaims.BoundValue(claims));
        if (alter is not null)
        {
            alter(report);
            chip.Sign(report);
        }

        return new(claims, new(SnpReport.MediaType, report), chip.Endorsements);
    }

    private static HostRecord WithVlekIntermediate(HostRecord record) =>
        record.With([record.Endorsements[0], new(Endorsement.CertificateMediaType, SoftwareMachine.OtherRoot.VlekIntermediate!.RawData), record.Endorsements[2]]);

    private static Endorsement List(byte[][] serialNumbers, double start = -1, double end = 30) =>
        SoftwareMachine.Root.RevocationList(serialNumbers, SoftwareMachine.Now.AddDays(start), SoftwareMachine.Now.AddDays(end));

    private HostRecord WithList(params Endorsement[] lists)
    {
        HostRecord record = machine.Record();
        return record.With([.. record.Endorsements, .. lists]);
    }

    private static Verdict Appraise(HostRecord record, SnpPolicy policy, DateTimeOffset now, VerifiedSignatures known)
    {
        AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), new AppraisalContext { Now = now, Known = known }, out _, out Verdict verdict);
        return verdict;
    }

    private static Verdict AssertPasses(HostRecord record, SnpPolicy? policy = null)
    {
        Assert.True(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), SoftwareMachine.Now, out _, out Verdict verdict), verdict.ToString());
        return verdict;
    }

    private static void AssertRefused(string check, HostRecord record, SnpPolicy? policy = null)
    {
        Assert.False(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), SoftwareMachine.Now, out _, out Verdict verdict));
        Assert.Contains(check, Names(verdict));
    }

    private static void AssertOnlyFailure(string check, HostRecord record, SnpPolicy? policy = null)
    {
        Assert.False(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), SoftwareMachine.Now, out _, out Verdict verdict));
        Assert.Equal([check], Names(verdict));
    }

    private static IEnumerable<string> Names(Verdict verdict) => verdict.Failures.Select(check => check.Name);
}

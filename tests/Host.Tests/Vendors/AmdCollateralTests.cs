using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.HostAgent;
using Veil.HostAgent.Vendors;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Vendors;

/// <summary>An SEV-SNP host that fetches AMD's certificates: what it asks for which report, and whose word wins.</summary>
public sealed class AmdCollateralTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>, IAsyncLifetime
{
    private const string MilanChip = "/amd/vcek/v1/Milan/07070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707"
        + "?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219";

    private readonly ManualClock _clock = new(SoftwareMachine.Now);
    private VendorService _amd = null!;

    public async ValueTask InitializeAsync() => _amd = await VendorService.StartAsync();

    public ValueTask DisposeAsync() => _amd.DisposeAsync();

    [Fact]
    public void A_machine_without_a_table_gets_chip_chain_and_list_and_passes_an_appraisal()
    {
        Endorsement list = SayMilan();
        SnpReport report = Report(machine.Chip, SoftwareMachine.Guest);
        IReadOnlyList<Endorsement> found = Ask(report, []);
        Assert.Equal([MilanChip, "/amd/vcek/v1/Milan/cert_chain", "/amd/vcek/v1/Milan/crl"], _amd.Asked);
        Assert.Equal([.. machine.Chip.Endorsements, list], found, Same);

        AppraisalPolicy policy = SoftwareMachine.Policy(SoftwareMachine.SnpPolicy());
        byte[] bytes = machine.Chip.Report(SoftwareMachine.Guest, new byte[64]);
        Verdict verdict = EvidenceAppraisal.Appraise(new(SnpReport.MediaType, bytes), found, policy, new byte[64], new() { Now = SoftwareMachine.Now });
        Assert.True(verdict.Passed, verdict.ToString());
    }

    [Fact]
    public void A_chips_certificate_is_asked_for_once_and_the_rest_as_it_grows_old()
    {
        SayMilan();
        using var documents = new VendorDocuments(_amd.Options(), _clock, NullLogger.Instance, CancellationToken.None);
        var collateral = new VendorCollateral(_amd.Options(), documents);
        collateral.ForReport(Report(machine.Chip, SoftwareMachine.Guest), []);
        _clock.Now += TimeSpan.FromDays(2);
        collateral.ForReport(Report(machine.Chip, SoftwareMachine.Guest), []);
        Assert.Equal(1, _amd.Asked.Count(asked => asked == MilanChip));
        Assert.Equal(5, _amd.Asked.Count);
    }

    [Theory]
    [InlineData("another chip's")]
    [InlineData("another level's")]
    [InlineData("an authority's")]
    [InlineData("two")]
    public void An_answer_that_is_not_this_chips_certificate_is_refused_and_not_kept_for_ever(string wrong)
    {
        SayMilan();
        using var otherChip = new SoftwareChip(SoftwareMachine.Root, SoftwareMachine.Bytes(64, 0x77), new(0, 4, 0, 24, 219), SoftwareMachine.Now);
        using var otherLevel = new SoftwareChip(SoftwareMachine.Root, Report(machine.Chip, SoftwareMachine.Guest).ChipId.ToArray(), new(0, 1, 0, 1, 1), SoftwareMachine.Now);
        ReadOnlyMemory<byte> right = machine.Chip.Endorsements[0].Bytes;
        _amd.Say(MilanChip, wrong switch
        {
            "another chip's" => otherChip.Endorsements[0].Bytes,
            "another level's" => otherLevel.Endorsements[0].Bytes,
            "an authority's" => machine.Chip.Endorsements[1].Bytes,
            _ => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", right.Span) + "\n", 2))),
        });
        using var documents = new VendorDocuments(_amd.Options(), _clock, NullLogger.Instance, CancellationToken.None);
        var collateral = new VendorCollateral(_amd.Options(), documents);
        Assert.Contains("no application/pkix-cert", Assert.Throws<AttesterException>(() => collateral.ForReport(Report(machine.Chip, SoftwareMachine.Guest), [])).Message, StringComparison.Ordinal);

        _amd.Say(MilanChip, right);
        Assert.Equal(right.ToArray(), collateral.ForReport(Report(machine.Chip, SoftwareMachine.Guest), [])[0].Bytes.ToArray());
    }

    [Fact]
    public void Turins_chip_has_eight_bytes_and_a_level_more()
    {
        using SoftwareRoot root = SoftwareMachine.Root.ForLine(ProductLine.Turin);
        using var chip = new SoftwareChip(root, SoftwareMachine.Bytes(64, 0xAB), new(Fmc: 1, Bootloader: 2, Tee: 3, Snp: 4, Microcode: 80), SoftwareMachine.Now);
        Assert.Throws<AttesterException>(() => Ask(Report(chip, SoftwareMachine.Guest), []));
        Assert.Equal(["/amd/vcek/v1/Turin/abababababababab?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=80"], _amd.Asked);
    }

    [Fact]
    public void A_providers_key_is_not_asked_for_and_its_chain_is_another()
    {
        byte[] bytes = machine.Chip.Report(SoftwareMachine.Guest, new byte[64]);
        bytes[0x048] |= (byte)SnpSigningKey.Vlek << 2;
        Assert.True(SnpReport.TryParse(bytes, out SnpReport? report, out _));
        _amd.Say("/amd/vlek/v1/Milan/crl", SoftwareMachine.Root.RevocationList([], SoftwareMachine.Now, SoftwareMachine.Now.AddDays(1)).Bytes);
        Assert.Contains("404", Assert.Throws<AttesterException>(() => Ask(report, [])).Message, StringComparison.Ordinal);
        _amd.Say("/amd/vlek/v1/Milan/cert_chain", machine.Chip.Endorsements[2].Bytes);
        Assert.Equal(2, Ask(report, []).Count);
        Assert.DoesNotContain(_amd.Asked, asked => asked.Contains("vcek", StringComparison.Ordinal));
    }

    [Fact]
    public void A_masked_chip_is_not_asked_about()
    {
        SayMilan();
        byte[] bytes = machine.Chip.Report(SoftwareMachine.Guest, new byte[64]);
        bytes.AsSpan(0x1A0, 64).Clear();
        Assert.True(SnpReport.TryParse(bytes, out SnpReport? report, out _));
        Ask(report, []);
        Assert.Equal(["/amd/vcek/v1/Milan/cert_chain", "/amd/vcek/v1/Milan/crl"], _amd.Asked);
    }

    [Fact]
    public void The_machines_own_do_where_AMD_does_not_answer_and_a_list_that_nobody_has_is_missed()
    {
        Endorsement list = SoftwareMachine.Root.RevocationList([], SoftwareMachine.Now, SoftwareMachine.Now.AddDays(1));
        Assert.Empty(Ask(Report(machine.Chip, SoftwareMachine.Guest), [.. machine.Chip.Endorsements, list]));
        Assert.Equal(3, _amd.Asked.Count);
        Assert.Throws<AttesterException>(() => Ask(Report(machine.Chip, SoftwareMachine.Guest), machine.Chip.Endorsements));
    }

    [Fact]
    public void A_report_that_does_not_say_its_product_is_refused_by_name()
    {
        var old = new SoftwareGuest { Measurement = SoftwareMachine.Guest.Measurement, Version = 2 };
        Assert.Contains("version 2", Assert.Throws<AttesterException>(() => Ask(Report(machine.Chip, old), machine.Chip.Endorsements)).Message, StringComparison.Ordinal);
        using var documents = new VendorDocuments(new(), _clock, NullLogger.Instance, CancellationToken.None);
        Assert.Empty(new VendorCollateral(new(), documents).ForReport(Report(machine.Chip, old), machine.Chip.Endorsements));
    }

    private static bool Same(Endorsement one, Endorsement other) => one.MediaType == other.MediaType && one.Bytes.Span.SequenceEqual(other.Bytes.Span);

    private static SnpReport Report(SoftwareChip chip, SoftwareGuest guest) =>
        SnpReport.TryParse(chip.Report(guest, new byte[64]), out SnpReport? report, out AttestationError error) ? report : throw new InvalidOperationException($"{error}");

    private Endorsement SayMilan()
    {
        Endorsement list = SoftwareMachine.Root.RevocationList([], SoftwareMachine.Now, SoftwareMachine.Now.AddDays(30));
        _amd.Say(MilanChip, machine.Chip.Endorsements[0].Bytes);
        _amd.Say("/amd/vcek/v1/Milan/cert_chain", System.Text.Encoding.ASCII.GetBytes(SoftwareMachine.Root.Intermediate.ExportCertificatePem() + "\n" + SoftwareMachine.Root.Root.ExportCertificatePem() + "\n"));
        _amd.Say("/amd/vcek/v1/Milan/crl", list.Bytes);
        return list;
    }

    private IReadOnlyList<Endorsement> Ask(SnpReport report, IReadOnlyList<Endorsement> others)
    {
        using var documents = new VendorDocuments(_amd.Options(), _clock, NullLogger.Instance, CancellationToken.None);
        return new VendorCollateral(_amd.Options(), documents).ForReport(report, others);
    }
}

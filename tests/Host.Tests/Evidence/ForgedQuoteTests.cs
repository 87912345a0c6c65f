using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Tdx;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Evidence;

/// <summary>What a forger of TDX evidence would try, each step passing all the others.</summary>
public sealed class ForgedQuoteTests : IDisposable
{
    private static readonly DateTimeOffset Now = SoftwareMachine.Now;
    private static readonly byte[] Value = SoftwareMachine.Bytes(64, 9);
    private static readonly SoftwareTd Guest = new() { Mrtd = SoftwareMachine.Bytes(48, 8), Rtmrs = [SoftwareMachine.Bytes(48, 10), SoftwareMachine.Bytes(48, 11)] };
    private readonly SoftwareTdxPlatform _platform = new(Now);
    private readonly ECDsa _other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public void An_honest_quote_passes()
    {
        Assert.Empty(Failures());
        Assert.Empty(Failures(policy: Policy with { Images = [new() { Mrtd = Guest.Mrtd, Rtmr0 = Guest.Rtmrs[0], Rtmr1 = Guest.Rtmrs[1], Rtmr2 = new byte[48], Rtmr3 = new byte[48] }] }));
    }

    [Fact]
    public void A_platform_of_another_root_is_refused()
    {
        using var forged = new SoftwareTdxPlatform(Now);
        Assert.Equal([CheckNames.TrustedRoot], Failures(forged.Quote(Guest, Value), forged.Endorse()));
    }

    [Fact]
    public void An_enclave_report_that_the_pck_did_not_sign_is_refused() =>
        Assert.Equal([CheckNames.EnclaveSignature], Failures(forgery: new() { PckKey = _other }));

    [Fact]
    public void An_enclave_report_over_another_key_is_refused() =>
        Assert.Equal([CheckNames.EnclaveKey], Failures(forgery: new() { BoundKey = _other }));

    [Fact]
    public void A_quote_that_the_attestation_key_did_not_sign_is_refused() =>
        Assert.Equal([CheckNames.ReportSignature], Failures(forgery: new() { QuoteKey = _other }));

    [Fact]
    public void A_quoting_enclave_of_no_level_or_under_debugging_is_refused()
    {
        Assert.Equal([CheckNames.EnclaveIdentity, CheckNames.TcbStatus], Failures(forgery: new() { EnclaveSvn = 3 }));
        Assert.Equal([CheckNames.EnclaveIdentity, CheckNames.TcbStatus], Failures(forgery: new() { EnclaveDebug = true }));
    }

    [Fact]
    public void A_quoting_enclave_of_another_signer_or_product_is_refused()
    {
        Assert.Equal([CheckNames.EnclaveIdentity, CheckNames.TcbStatus], Failures(forgery: new() { EnclaveSigner = SoftwareMachine.Bytes(32, 1) }));
        Assert.Equal([CheckNames.EnclaveIdentity, CheckNames.TcbStatus], Failures(forgery: new() { EnclaveProduct = 1 }));
    }

    [Fact]
    public void A_service_td_is_refused_unless_the_policy_names_it()
    {
        SoftwareTd touched = Guest with { ServiceTd = SoftwareMachine.Bytes(48, 1) };
        Assert.Equal([CheckNames.ServiceTd], Failures(guest: touched));
        Assert.Empty(Failures(guest: touched, policy: Policy with { ServiceTds = [touched.ServiceTd] }));
        Assert.Empty(Failures(guest: Guest with { ServiceTd = new byte[48] }));
    }

    [Fact]
    public void Collateral_that_another_signed_is_refused() =>
        Assert.Equal([CheckNames.CollateralSignature], Failures(collateral: new() { Signer = _other }));

    [Fact]
    public void Collateral_of_another_kind_of_platform_or_provisioning_enclave_is_refused()
    {
        Assert.Equal([CheckNames.CollateralPlatform], Failures(collateral: new() { Fmspc = "00806F050001" }));
        Assert.Equal([CheckNames.CollateralPlatform], Failures(collateral: new() { PceId = "0001" }));
    }

    [Fact]
    public void Rolled_back_collateral_is_refused() =>
        Assert.Equal([CheckNames.CollateralNumber, CheckNames.CollateralNumber], Failures(policy: Policy with { MinimumEvaluationNumber = 17 }, collateral: new() { EvaluationNumber = 16 }));

    [Fact]
    public void A_module_that_tcb_info_does_not_name_or_of_another_signer_is_refused()
    {
        Assert.Equal([CheckNames.Module, CheckNames.TcbStatus], Failures(collateral: new() { ModuleId = "TDX_03" }));
        Assert.Equal([CheckNames.Module, CheckNames.TcbStatus], Failures(guest: Guest with { SeamSigner = SoftwareMachine.Bytes(48, 1) }));
    }

    [Fact]
    public void Module_ids_are_compared_without_case() => Assert.Empty(Failures(collateral: new() { ModuleId = "tdx_01" }));

    [Fact]
    public void A_revoked_platform_is_refused_even_by_a_policy_that_lists_it()
    {
        TdxPolicy lax = Policy with { TcbStatuses = Enum.GetValues<TcbStatus>() };
        Assert.Equal([CheckNames.TcbStatus], Failures(policy: lax, collateral: new() { Status = "Revoked" }));
        Assert.Equal([CheckNames.TcbStatus], Failures(policy: lax, collateral: new() { ModuleStatus = "Revoked" }));
        Assert.Empty(Failures(policy: lax, collateral: new() { Status = "OutOfDate" }));
    }

    [Fact]
    public void An_old_platform_or_module_is_refused_by_default()
    {
        Assert.Equal([CheckNames.TcbStatus], Failures(collateral: new() { Status = "OutOfDate" }));
        Assert.Equal([CheckNames.TcbStatus], Failures(collateral: new() { ModuleStatus = "OutOfDate" }));
        Assert.Equal([CheckNames.TcbStatus], Failures(guest: Guest with { Svn = (2, 1, 1) }));
        Assert.Equal([CheckNames.TcbStatus], Failures(guest: Guest with { Svn = (3, 1, 0) }));
    }

    [Fact]
    public void A_revoked_pck_or_signer_is_refused()
    {
        Assert.Equal([CheckNames.RevocationList], Failures(collateral: new() { RevokedPck = true }));
        Assert.Equal([CheckNames.RevocationList], Failures(collateral: new() { RevokedSigner = true }));
    }

    [Fact]
    public void Revocation_lists_that_ended_or_that_another_signed_are_refused()
    {
        Assert.Equal([CheckNames.RevocationList, CheckNames.RevocationList], Failures(collateral: new() { ListsEnd = Now.AddSeconds(-1) }));
        Assert.Equal([CheckNames.RevocationList], Failures(collateral: new() { RootListKey = _other }));
    }

    [Theory]
    [InlineData(TdAttributes.SeptVeDisable | 1, CheckNames.Debug)]
    [InlineData(TdAttributes.SeptVeDisable | 0x80, CheckNames.Debug)]
    [InlineData(0, CheckNames.TdAttributes)]
    [InlineData(TdAttributes.SeptVeDisable | TdAttributes.Migratable, CheckNames.TdAttributes)]
    [InlineData(TdAttributes.SeptVeDisable | TdAttributes.Perfmon, CheckNames.TdAttributes)]
    [InlineData(TdAttributes.SeptVeDisable | (1UL << 40), CheckNames.ReportFormat)]
    public void A_td_with_such_attributes_is_refused(ulong attributes, string check) =>
        Assert.Equal([check], Failures(guest: Guest with { Attributes = attributes }));

    [Fact]
    public void Another_image_configuration_or_register_is_refused()
    {
        Assert.Equal([CheckNames.Measurement], Failures(guest: Guest with { Mrtd = new byte[48] }));
        Assert.Equal([CheckNames.LaunchConfiguration], Failures(guest: Guest with { ConfigId = SoftwareMachine.Bytes(48, 1) }));
        Assert.Equal([CheckNames.RuntimeMeasurement], Failures(policy: Policy with { Images = [new() { Mrtd = Guest.Mrtd, Rtmr0 = new byte[48] }] }));
        Assert.Equal([CheckNames.Xfam], Failures(policy: Policy with { Xfam = [3] }));
        Assert.Equal([CheckNames.Measurement], Failures(policy: Policy with { Images = [] }));
    }

    [Fact]
    public void A_quote_over_another_value_is_refused() => Assert.Equal([CheckNames.ReportData], Failures(_platform.Quote(Guest, new byte[64])));

    [Fact]
    public void Lengths_that_lie_are_refused()
    {
        byte[] quote = _platform.Quote(Guest, Value);
        foreach (int position in new[] { 632, 766, 1218, 1254 })
        {
            foreach (byte change in new byte[] { 1, 0x80 })
            {
                byte[] altered = [.. quote];
                altered[position] ^= change;
                Assert.Equal([CheckNames.ReportFormat], Failures(altered));
            }
        }

        Assert.Equal([CheckNames.ReportFormat], Failures([.. quote, 1]));
        Assert.Empty(Failures([.. quote, 0, 0]));
    }

    public void Dispose()
    {
        _platform.Dispose();
        _other.Dispose();
    }

    private TdxPolicy Policy => new() { TrustedRoots = [_platform.SpkiSha256], Images = [new() { Mrtd = Guest.Mrtd }] };

    private IEnumerable<string> Failures(
        byte[]? quote = null, IReadOnlyList<Endorsement>? endorsements = null, SoftwareTd? guest = null, SoftwareTdxQuote? forgery = null, SoftwareTdxCollateral? collateral = null, TdxPolicy? policy = null)
    {
        Verdict verdict = EvidenceAppraisal.Appraise(
            new(TdxQuote.MediaType, quote ?? _platform.Quote(guest ?? Guest, Value, forgery)),
            endorsements ?? _platform.Endorse(collateral),
            new AppraisalPolicy { Service = SoftwareMachine.Service, Tdx = policy ?? Policy },
            Value,
            new AppraisalContext { Now = Now });
        return verdict.Failures.Select(check => check.Name);
    }
}

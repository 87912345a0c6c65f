using Veil.Attestation;
using Veil.Host.Tests.Vendors;
using Veil.HostAgent;
using Veil.HostAgent.Configfs;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Configfs;

/// <summary>The kernel's side of a TD, played over the platform in software.</summary>
public sealed class ConfigfsQuoteTests : IDisposable
{
    private static readonly byte[] Value = SoftwareMachine.Bytes(64, 5);
    private static readonly SoftwareTd Guest = new() { Mrtd = SoftwareMachine.Bytes(48, 8) };
    private readonly SoftwareTdxPlatform _platform = new(SoftwareMachine.Now);
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-test-").FullName;

    public ConfigfsQuoteTests()
    {
        IReadOnlyList<Endorsement> endorsements = _platform.Endorse();
        string[] names = ["tcb_info.json", "qe_identity.json", "signer.der", "pck.crl", "root.crl"];
        for (int i = 0; i < names.Length; i++)
        {
            File.WriteAllBytes(Path.Combine(_folder, names[i]), endorsements[i].Bytes.ToArray());
        }
    }

    [Fact]
    public void A_quote_with_the_folders_collateral_passes_an_appraisal()
    {
        AttestedValue attested = Attester(value => _platform.Quote(Guest, value)).Attest(Value);
        var policy = new AppraisalPolicy { Service = "a", Tdx = new() { TrustedRoots = [_platform.SpkiSha256], Images = [new() { Mrtd = Guest.Mrtd }] } };
        Verdict verdict = EvidenceAppraisal.Appraise(attested.Evidence, attested.Endorsements, policy, Value, new() { Now = SoftwareMachine.Now });
        Assert.True(verdict.Passed, verdict.ToString());
    }

    [Fact]
    public void A_quote_over_eight_kibibytes_is_refused_as_a_newer_form() =>
        Assert.Contains("newer form", Refusal(value => new byte[8193]), StringComparison.Ordinal);

    [Fact]
    public void A_quote_for_another_value_is_refused() =>
        Assert.Contains("not one for our value", Refusal(value => _platform.Quote(Guest, new byte[64])), StringComparison.Ordinal);

    [Fact]
    public void Missing_collateral_is_named()
    {
        File.Delete(Path.Combine(_folder, "qe_identity.json"));
        Assert.Contains("qe_identity.json", Refusal(value => _platform.Quote(Guest, value)), StringComparison.Ordinal);
        Assert.Contains("CollateralFolder", Assert.Throws<AttesterException>(() => new ConfigfsAttester(new(), new TdxKernel(value => _platform.Quote(Guest, value)), NoVendor.Collateral).Attest(Value)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _platform.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Refusal(Func<byte[], byte[]> quote) => Assert.Throws<AttesterException>(() => Attester(quote).Attest(Value)).Message;

    private ConfigfsAttester Attester(Func<byte[], byte[]> quote) => new(new ConfigfsOptions { CollateralFolder = _folder }, new TdxKernel(quote), NoVendor.Collateral);
}

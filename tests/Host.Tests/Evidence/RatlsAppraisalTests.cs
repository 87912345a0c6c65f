using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.HostAgent.Identity;
using Veil.Transparency;

namespace Veil.Host.Tests.Evidence;

/// <summary>A TLS certificate is believed only for its own key, with exactly one record in it.</summary>
public sealed class RatlsAppraisalTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    private static readonly IdentityPeriod Period = new(5, SoftwareMachine.Now, SoftwareMachine.Now.AddHours(2));

    [Fact]
    public void A_hosts_own_certificate_passes()
    {
        using HostIdentity identity = Create();
        Assert.True(RatlsAppraisal.TryAppraise(identity.TlsContext.TargetCertificate, SoftwareMachine.Policy(), SoftwareMachine.Now, out AppraisedHost? host, out Verdict verdict), verdict.ToString());
        Assert.Equal(SHA256.HashData(identity.TlsContext.TargetCertificate.PublicKey.ExportSubjectPublicKeyInfo()), host.Claims.TlsSpkiSha256.ToArray());
        Assert.Equal(5UL, host.Claims.Epoch);
        Assert.Equal(identity.Record.Encode(), host.Record.Encode());
    }

    [Fact]
    public void The_same_record_under_another_TLS_key_is_refused()
    {
        using HostIdentity identity = Create();
        using ECDsa thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AssertRefused(CheckNames.TlsKey, Certificate(thief, identity.Record.Encode()));
    }

    [Fact]
    public void A_certificate_with_the_hosts_key_but_signed_by_another_is_refused()
    {
        using HostIdentity identity = Create();
        using ECDsa thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Veil host"), identity.TlsContext.TargetCertificate.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(RatlsExtension.Create(identity.Record));
        X509Certificate2 certificate = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(thief), Period.NotBefore, Period.NotAfter, [1]);
        AssertRefused(CheckNames.CertificateSignature, certificate.RawData);
    }

    /// <summary>A gateway's connection, or a person with a file, follows no log: that is said, and clients hold it against theirs.</summary>
    [Fact]
    public void A_checkpoint_that_nobody_holds_to_a_log_is_a_named_gap()
    {
        using HostIdentity identity = Create(new Checkpoint("gateway.example/veil", 7, SoftwareMachine.Bytes(32, 7)));
        Assert.True(RatlsAppraisal.TryAppraise(identity.TlsContext.TargetCertificate, SoftwareMachine.Policy(), SoftwareMachine.Now, out _, out Verdict verdict), verdict.ToString());
        Assert.Contains(CheckNames.ClaimsCheckpoint, verdict.Gaps.Select(gap => gap.Name));

        using HostIdentity without = Create();
        Assert.True(RatlsAppraisal.TryAppraise(without.TlsContext.TargetCertificate, SoftwareMachine.Policy(), SoftwareMachine.Now, out _, out verdict), verdict.ToString());
        Assert.DoesNotContain(CheckNames.ClaimsCheckpoint, verdict.Gaps.Select(gap => gap.Name));
    }

    [Fact]
    public void A_certificate_without_a_record_is_refused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AssertRefused(CheckNames.HostRecord, new CertificateRequest("CN=Veil host", key, HashAlgorithmName.SHA256).CreateSelfSigned(Period.NotBefore, Period.NotAfter).RawData);
    }

    [Fact]
    public void A_certificate_whose_record_does_not_parse_is_refused()
    {
        using HostIdentity identity = Create();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AssertRefused(CheckNames.HostRecord, Certificate(key, [.. identity.Record.Encode(), 0]));
    }

    [Fact]
    public void A_certificate_outside_its_validity_is_refused()
    {
        using HostIdentity identity = Create();
        byte[] leaf = identity.TlsContext.TargetCertificate.RawData;
        Assert.False(RatlsAppraisal.TryAppraise(leaf, SoftwareMachine.Policy(), Period.NotAfter.AddSeconds(1), out _, out Verdict verdict));
        Assert.Equal([CheckNames.CertificateValidity, CheckNames.ClaimsValidity], verdict.Failures.Select(check => check.Name));
    }

    [Theory]
    [InlineData("2a8648ce3d030107", "cf8648ce3d030107")]
    [InlineData("2a8648ce3d030107", "2a8648ce3d030101")]
    [InlineData("2a8648ce3d0201", "2a8648ce3d0202")]
    public void A_key_of_an_unknown_curve_or_algorithm_is_refused_without_throwing(string oid, string other)
    {
        using HostIdentity identity = Create();
        byte[] leaf = identity.TlsContext.TargetCertificate.RawData;
        Convert.FromHexString(other).CopyTo(leaf, leaf.AsSpan().IndexOf(Convert.FromHexString(oid)));
        AssertRefused(CheckNames.CertificateSignature, leaf);
    }

    [Fact]
    public void A_key_that_is_no_point_of_its_curve_is_refused_without_throwing()
    {
        using HostIdentity identity = Create();
        byte[] leaf = identity.TlsContext.TargetCertificate.RawData;
        int key = leaf.AsSpan().IndexOf(Convert.FromHexString("2a8648ce3d030107034200")) + 12;
        leaf.AsSpan(key, 64).Clear();
        AssertRefused(CheckNames.CertificateSignature, leaf);
    }

    [Fact]
    public void Every_truncation_and_any_flipped_bit_is_refused_without_throwing()
    {
        using HostIdentity identity = Create();
        byte[] leaf = identity.TlsContext.TargetCertificate.RawData;
        for (int cut = 0; cut < leaf.Length; cut += 7)
            AssertRefused(CheckNames.Certificate, leaf[..cut]);

        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] flipped = [.. leaf];
            flipped[random.Next(leaf.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(RatlsAppraisal.TryAppraise(flipped, SoftwareMachine.Policy(), SoftwareMachine.Now, out _, out _));
        }
    }

    private static byte[] Certificate(ECDsa key, byte[] record)
    {
        var request = new CertificateRequest("CN=Veil host", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(RatlsExtension.Oid, record, critical: false));
        return request.CreateSelfSigned(Period.NotBefore, Period.NotAfter).RawData;
    }

    private static void AssertRefused(string check, byte[] leaf)
    {
        Assert.False(RatlsAppraisal.TryAppraise(leaf, SoftwareMachine.Policy(), SoftwareMachine.Now, out _, out Verdict verdict));
        Assert.Contains(check, verdict.Failures.Select(failure => failure.Name));
    }

    private HostIdentity Create(Checkpoint? checkpoint = null) => HostIdentity.Create(SoftwareMachine.Service, 1, Period, checkpoint, machine.Attester);
}

using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Nvidia;

namespace Veil.Common.Tests.Attestation;

/// <summary>Evidence that real GPUs made: what is signed passes, and what was changed does not.</summary>
public static class RealGpuEvidenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly GpuPolicy Lenient = new() { AllowMissingReferenceValues = true };

    [Theory]
    [InlineData("hopper-h100-nvtrust-sample", "550.90.07", "96.00.9F.00.01")]
    [InlineData("hopper-hgx-gpu0", "590.12", "96.00.A5.00.01")]
    public static void Gets_the_verdict_of_its_manifest_and_names_what_nothing_is_known_of(string id, string driver, string vbios)
    {
        (byte[] evidence, ReadOnlyMemory<byte>[] chain, byte[] nonce) = Piece(id);
        Assert.True(GpuReport.TryParse(evidence, out GpuReport? report, out _));
        Assert.Equal((driver, vbios, 64), (report.DriverVersion, report.VbiosVersion, report.Measurements.Count));

        Verdict lenient = GpuAppraisal.Appraise(evidence, chain, Lenient, nonce, Now);
        Assert.True(lenient.Passed, lenient.ToString());
        Assert.Equal("passed but for measurement", lenient.ToString());
        Assert.Equal([CheckNames.Measurement], Failed(GpuAppraisal.Appraise(evidence, chain, new GpuPolicy(), nonce, Now)));
    }

    [Fact]
    public static void Measurements_are_held_to_their_reference_values_one_by_one()
    {
        (byte[] evidence, ReadOnlyMemory<byte>[] chain, byte[] nonce) = Piece("hopper-hgx-gpu0");
        Assert.True(GpuReport.TryParse(evidence, out GpuReport? report, out _));
        var references = report.Measurements.ToDictionary(pair => pair.Key, pair => (IReadOnlyCollection<ReadOnlyMemory<byte>>)[pair.Value]);

        Assert.Equal("passed", GpuAppraisal.Appraise(evidence, chain, new GpuPolicy { ReferenceValues = references }, nonce, Now).ToString());
        references[9] = ["no measurement that a device could have"u8.ToArray()];
        Assert.Equal([CheckNames.Measurement], Failed(GpuAppraisal.Appraise(evidence, chain, new GpuPolicy { ReferenceValues = references }, nonce, Now)));
    }

    [Fact]
    public static void Another_nonce_root_time_or_chain_is_refused_by_its_name()
    {
        (byte[] evidence, ReadOnlyMemory<byte>[] chain, byte[] nonce) = Piece("hopper-hgx-gpu0");
        (_, ReadOnlyMemory<byte>[] other, _) = Piece("hopper-h100-nvtrust-sample");

        Assert.Equal([CheckNames.Nonce], Failed(GpuAppraisal.Appraise(evidence, chain, Lenient, new byte[32], Now)));
        Assert.Equal([CheckNames.Nonce], Failed(GpuAppraisal.Appraise(evidence, chain, Lenient, null, Now)));
        Assert.Equal([CheckNames.TrustedRoot], Failed(GpuAppraisal.Appraise(evidence, chain, new GpuPolicy { TrustedRoots = [], AllowMissingReferenceValues = true }, nonce, Now)));
        Assert.Equal([CheckNames.ChainValidity], Failed(GpuAppraisal.Appraise(evidence, chain, Lenient, nonce, new DateTimeOffset(2015, 1, 1, 0, 0, 0, TimeSpan.Zero))));
        Assert.Equal([CheckNames.ReportSignature, CheckNames.GpuFirmware], Failed(GpuAppraisal.Appraise(evidence, other, Lenient, nonce, Now)));
        Assert.Equal([CheckNames.Chain], Failed(GpuAppraisal.Appraise(evidence, [chain[0], other[1], .. chain[2..]], Lenient, nonce, Now)));
        Assert.Contains(CheckNames.TrustedRoot, Failed(GpuAppraisal.Appraise(evidence, chain[..^1], Lenient, nonce, Now)));
        Assert.Equal([CheckNames.Endorsements], Failed(GpuAppraisal.Appraise(evidence, [], Lenient, nonce, Now)));
    }

    [Fact]
    public static void Every_flipped_bit_of_a_sample_and_every_truncation_is_refused()
    {
        (byte[] evidence, ReadOnlyMemory<byte>[] chain, byte[] nonce) = Piece("hopper-hgx-gpu0");
        var random = new Random(11);
        for (int i = 0; i < 200; i++)
        {
            byte[] flipped = [.. evidence];
            int bit = random.Next(flipped.Length * 8);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(GpuAppraisal.Appraise(flipped, chain, Lenient, nonce, Now).Passed);
        }

        for (int length = 0; length < evidence.Length; length += 7)
            Assert.False(GpuReport.TryParse(evidence.AsSpan(0, length), out _, out _));
        Assert.False(GpuReport.TryParse([.. evidence, 0], out _, out _));
    }

    private static IEnumerable<string> Failed(Verdict verdict) => verdict.Failures.Select(check => check.Name);

    private static (byte[] Evidence, ReadOnlyMemory<byte>[] Chain, byte[] Nonce) Piece(string id)
    {
        JsonElement manifest = JsonDocument.Parse(ForeignEvidence.ReadShared($"nvidia/{id}/manifest.json")).RootElement;
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(Encoding.ASCII.GetString(ForeignEvidence.ReadShared($"nvidia/{id}/chain.pem")));
        return (ForeignEvidence.ReadShared($"nvidia/{id}/report.bin"), [.. certificates.Select(certificate => certificate.RawDataMemory)], Convert.FromHexString(manifest.GetProperty("nonce_hex").GetString()!));
    }
}

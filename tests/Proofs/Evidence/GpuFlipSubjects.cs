using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Veil.Attestation.Nvidia;

namespace Veil.Proofs.Evidence;

/// <summary>The parts of the NVIDIA pieces: the SPDM messages and each certificate of the device's chain, with the manifest's nonce. Measurements that nothing is known of are a gap here.</summary>
internal static class GpuFlipSubjects
{
    private const string Report = "report";

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly GpuPolicy Policy = new() { AllowMissingReferenceValues = true };

    public static IEnumerable<FlipSubject> Read() => EvidenceFolder.Pieces("nvidia").SelectMany(Read);

    private static IEnumerable<FlipSubject> Read((string Folder, JsonElement Manifest) piece)
    {
        string id = piece.Manifest.GetProperty("id").GetString()!;
        byte[] nonce = Convert.FromHexString(piece.Manifest.GetProperty("nonce_hex").GetString()!);
        byte[] report = File.ReadAllBytes(Path.Combine(piece.Folder, "report.bin"));
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(Encoding.ASCII.GetString(File.ReadAllBytes(Path.Combine(piece.Folder, "chain.pem"))));
        byte[][] chain = [.. certificates.Select(certificate => certificate.RawData)];
        yield return new("nvidia", id, Report, report, bytes => Accepts(bytes, chain), IsValid: true);
        for (int i = 0; i < chain.Length; i++)
        {
            int replaced = i;
            yield return new(
                "nvidia", id, string.Create(CultureInfo.InvariantCulture, $"certificate {i}"), chain[i], bytes => Accepts(report, [.. chain.Select((certificate, index) => index == replaced ? bytes : certificate)]), IsValid: true);
        }

        bool Accepts(byte[] messages, byte[][] certificates) =>
            GpuAppraisal.Appraise(messages, [.. certificates.Select(certificate => (ReadOnlyMemory<byte>)certificate)], Policy, nonce, Now).Passed;
    }
}

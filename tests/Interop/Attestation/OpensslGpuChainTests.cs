using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.Proofs.Evidence;

namespace Veil.Interop.Attestation;

/// <summary>Our verdicts on the chains of NVIDIA's GPUs beside those of <c>openssl verify</c>, at the same times.</summary>
public sealed class OpensslGpuChainTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-chains").FullName;

    [Fact]
    public async Task Both_accept_the_chain_of_every_piece_from_its_youngest_start_on_and_neither_before()
    {
        foreach (Piece piece in ReadAll())
        {
            DateTimeOffset start = piece.Chain.Max(Start);
            foreach (DateTimeOffset at in new[] { At, start, start.AddSeconds(-1) })
            {
                (bool accepted, string said) = await VerifyAsync(piece.Chain, at);
                Assert.True(accepted == ChainHolds(piece, piece.Chain, at), $"{piece.Id} at {at:u}: openssl says {said}");
                Assert.Equal(at >= start, accepted);
            }
        }
    }

    [Fact]
    public async Task Both_refuse_a_chain_with_one_turned_bit_or_without_one_of_its_certificates()
    {
        var random = new Random(12);
        foreach (Piece piece in ReadAll())
        {
            for (int place = 0; place < piece.Chain.Length - 1; place++)
            {
                byte[] turned = [.. piece.Chain[place]];
                turned[random.Next(turned.Length)] ^= (byte)(1 << random.Next(8));
                await BothRefuseAsync(piece, [.. piece.Chain[..place], turned, .. piece.Chain[(place + 1)..]]);
                if (place > 0)
                    await BothRefuseAsync(piece, [.. piece.Chain[..place], .. piece.Chain[(place + 1)..]]);
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Piece[] ReadAll()
    {
        Assert.SkipWhen(EvidenceFolder.Unavailable is not null, EvidenceFolder.Unavailable ?? "");
        Piece[] pieces = [.. EvidenceFolder.Pieces("nvidia").Select(piece => Piece.Read(piece.Folder, piece.Manifest))];
        Assert.NotEmpty(pieces);
        return pieces;
    }

    private static DateTimeOffset Start(byte[] certificate)
    {
        using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(certificate);
        return loaded.NotBefore;
    }

    /// <summary>True when the verdict says that the chain is signed up to the pinned root and valid.</summary>
    private static bool ChainHolds(Piece piece, byte[][] chain, DateTimeOffset at)
    {
        Verdict verdict = GpuAppraisal.Appraise(piece.Report, [.. chain.Select(certificate => (ReadOnlyMemory<byte>)certificate)], new GpuPolicy { AllowMissingReferenceValues = true }, piece.Nonce, at);
        return new[] { CheckNames.TrustedRoot, CheckNames.Chain, CheckNames.ChainValidity }.All(name =>
            verdict.Checks.Any(check => check.Name == name) && verdict.Checks.Where(check => check.Name == name).All(check => check.Passed));
    }

    private async Task BothRefuseAsync(Piece piece, byte[][] chain)
    {
        (bool accepted, _) = await VerifyAsync(chain, At);
        Assert.False(accepted || ChainHolds(piece, chain, At), piece.Id);
    }

    private Task<(bool Accepted, string Said)> VerifyAsync(byte[][] chain, DateTimeOffset at) => OpensslVerify.RunAsync(_folder, chain[^1], chain[1..^1], chain[0], at);

    private sealed record Piece(string Id, byte[] Report, byte[][] Chain, byte[] Nonce)
    {
        public static Piece Read(string folder, JsonElement manifest)
        {
            JsonElement files = manifest.GetProperty("files");
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(Path.Combine(folder, files.GetProperty("chain").GetString()!));
            return new(
                manifest.GetProperty("id").GetString()!,
                File.ReadAllBytes(Path.Combine(folder, files.GetProperty("evidence").GetString()!)),
                [.. certificates.Select(certificate => certificate.RawData)],
                Convert.FromHexString(manifest.GetProperty("nonce_hex").GetString()!));
        }
    }
}

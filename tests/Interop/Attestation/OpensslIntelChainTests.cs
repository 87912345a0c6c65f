using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;

namespace Veil.Interop.Attestation;

/// <summary>Our verdicts on Intel's chains, of PCKs and of what signs collateral, beside those of <c>openssl verify</c> at the same times.</summary>
public sealed class OpensslIntelChainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-chains").FullName;

    [Fact]
    public async Task Both_accept_every_chain_at_its_time_and_neither_before_its_start_or_after_its_end()
    {
        foreach (TdxQuotePiece piece in TdxQuotePiece.ReadAll())
        {
            foreach (byte[][] chain in new[] { piece.Pck, piece.Signer, piece.IdentitySigner })
            {
                (DateTimeOffset from, DateTimeOffset to) = Period(chain[0]);
                foreach (DateTimeOffset at in new[] { piece.At, from.AddSeconds(-1), from, to.AddSeconds(-1), to.AddSeconds(1) })
                {
                    (bool accepted, string said) = await VerifyAsync(chain, chain[0], at);
                    Assert.True(accepted == (from <= at && at < to), $"{piece.Id} at {at:u}: openssl says {said}");
                    Assert.Equal(accepted, ChainHolds(piece.Appraise(at), chain[0]));
                }
            }
        }
    }

    [Fact]
    public async Task Both_refuse_a_chain_with_one_turned_bit()
    {
        var random = new Random(10);
        foreach (TdxQuotePiece piece in TdxQuotePiece.ReadAll())
        {
            byte[] leaf = Turn(random, piece.Pck[0]);
            (bool accepted, _) = await VerifyAsync(piece.Pck, leaf, piece.At);
            Assert.False(accepted || piece.Appraise(quote: piece.WithLeaf(leaf)).Passed, piece.Id);

            byte[] signer = Turn(random, piece.Signer[0]);
            (accepted, _) = await VerifyAsync(piece.Signer, signer, piece.At);
            Assert.False(accepted || piece.Appraise(signer: signer).Passed, piece.Id);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Turn(Random random, byte[] certificate)
    {
        byte[] turned = [.. certificate];
        turned[random.Next(turned.Length)] ^= (byte)(1 << random.Next(8));
        return turned;
    }

    private static (DateTimeOffset From, DateTimeOffset To) Period(byte[] certificate)
    {
        using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(certificate);
        return (loaded.NotBefore, loaded.NotAfter);
    }

    /// <summary>True when the verdict says that this certificate is signed up to the root and valid.</summary>
    private static bool ChainHolds(Verdict verdict, byte[] leaf)
    {
        using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(leaf);
        string name = loaded.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        string signature = name.Contains("PCK", StringComparison.Ordinal) ? CheckNames.Chain : CheckNames.CollateralSignature;
        return verdict.Checks.Any(check => check.Name == signature && check.Passed)
            && verdict.Checks.Any(check => check.Name == CheckNames.ChainValidity && check.Passed && check.Source.StartsWith(name, StringComparison.Ordinal));
    }

    private Task<(bool Accepted, string Said)> VerifyAsync(byte[][] chain, byte[] leaf, DateTimeOffset at) => OpensslVerify.RunAsync(_folder, chain[^1], chain[1..^1], leaf, at);
}

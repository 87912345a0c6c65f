using Veil.Attestation;

namespace Veil.Interop.Attestation;

/// <summary>Our verdicts on AMD's chains beside those of <c>openssl verify</c>, at the same times.</summary>
public sealed class OpensslChainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-chains").FullName;

    [Fact]
    public async Task Both_accept_the_chain_of_every_piece_at_its_time_and_neither_after_its_end()
    {
        foreach (SnpPiece piece in SnpPiece.ReadAll())
        {
            foreach (DateTimeOffset at in new[] { piece.At, piece.End.AddSeconds(-1), piece.End.AddSeconds(1) })
            {
                (bool accepted, string said) = await VerifyAsync(piece.Root, piece.Intermediate, piece.Leaf, at);
                Assert.True(accepted == ChainHolds(piece.Appraise(at)), $"{piece.Id} at {at:u}: openssl says {said}");
                Assert.Equal(at <= piece.End, accepted);
            }
        }
    }

    [Fact]
    public async Task Both_refuse_a_chain_through_another_intermediate_or_with_one_turned_bit()
    {
        SnpPiece[] pieces = SnpPiece.ReadAll();
        var random = new Random(9);
        foreach (SnpPiece piece in pieces)
        {
            SnpPiece other = pieces.First(found => !found.Intermediate.AsSpan().SequenceEqual(piece.Intermediate));
            (bool accepted, _) = await VerifyAsync(piece.Root, other.Intermediate, piece.Leaf, piece.At);
            Assert.False(accepted || ChainHolds(piece.Appraise(piece.At, intermediate: other.Intermediate)), piece.Id);

            byte[] turned = [.. piece.Leaf];
            turned[random.Next(turned.Length)] ^= (byte)(1 << random.Next(8));
            (accepted, _) = await VerifyAsync(piece.Root, piece.Intermediate, turned, piece.At);
            Assert.False(accepted || ChainHolds(piece.Appraise(piece.At, leaf: turned)), piece.Id);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool ChainHolds(Verdict verdict) =>
        verdict.Checks.Any(check => check is { Name: CheckNames.Chain, Passed: true }) && verdict.Checks.Any(check => check is { Name: CheckNames.ChainValidity, Passed: true });

    private Task<(bool Accepted, string Said)> VerifyAsync(byte[] root, byte[] intermediate, byte[] leaf, DateTimeOffset at) => OpensslVerify.RunAsync(_folder, root, [intermediate], leaf, at);
}

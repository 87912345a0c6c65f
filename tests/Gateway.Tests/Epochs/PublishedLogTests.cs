using System.Text;
using Veil.Gateway.Epochs;
using Veil.Transparency;

namespace Veil.Gateway.Tests.Epochs;

/// <summary>What a gateway believes of a log's answers.</summary>
public static class PublishedLogTests
{
    [Fact]
    public static void One_wrong_answer_spoils_no_later_one()
    {
        using NoteSigner authority = NoteSigner.Generate("gateway.example", NoteKeyType.Ed25519);
        ReadOnlyMemory<byte>[] entries = [.. Enumerable.Range(0, 9).Select(i => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"entry {i}"))];
        ReadOnlyMemory<byte>[] wrong = [.. entries];
        wrong[6] = "something else"u8.ToArray();
        var log = new PublishedLog();

        Assert.True(log.TryTake(entries[..5], At(5), authority.VerifierKey));
        Assert.False(log.TryTake(wrong[5..], At(9), authority.VerifierKey));
        Assert.False(log.TryTake(entries[5..8], At(9), authority.VerifierKey));
        Assert.False(log.TryTake(entries[5..], At(8), authority.VerifierKey));
        Assert.False(log.TryTake([], new Checkpoint("log", 4, At(5).Root), authority.VerifierKey));
        Assert.Equal(5, log.Size);

        Assert.True(log.TryTake([], At(4), authority.VerifierKey));
        Assert.True(log.TryTake(entries[5..], At(9), authority.VerifierKey));
        Assert.True(log.Matches(At(9)));
        Assert.Equal(entries[6].ToArray(), log.Entry(6).ToArray());

        Checkpoint At(int size) => new("log", size, MerkleTree.Root([.. entries[..size].Select(entry => MerkleTree.LeafHash(entry.Span))]));
    }
}

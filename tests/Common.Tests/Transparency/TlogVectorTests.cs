using System.Text;
using System.Text.Json;
using Veil.Transparency;

namespace Veil.Common.Tests.Transparency;

/// <summary>Other implementations' notes, checkpoints, cosignatures and proofs (C2SP), the refused ones included.</summary>
public static class TlogVectorTests
{
    [Fact]
    public static void Notes_of_other_tools_open_under_their_keys()
    {
        JsonElement vectors = Vectors();
        JsonElement example = vectors.GetProperty("signed_note_example");
        Assert.True(SignedNote.TryOpen(Text(example, "note"), [Key(example, "vkey")], out SignedNote? note));
        Assert.Equal("This is an example message.\n", Encoding.UTF8.GetString(note.Text.Span));

        JsonElement sumdb = vectors.GetProperty("sumdb_checkpoint");
        var policy = new WitnessPolicy(sumdb.GetProperty("origin").GetString()!, Key(sumdb, "vkey"), [], 0);
        Assert.True(policy.TryVerify(Text(sumdb, "note"), out WitnessedCheckpoint? checkpoint));
        Assert.Equal(6476701, checkpoint.Checkpoint.Size);
        Assert.Equal(Encoding.UTF8.GetString(Text(sumdb, "note")).Split("\n\n")[0] + "\n", Encoding.UTF8.GetString(checkpoint.Checkpoint.Write()));
    }

    [Fact]
    public static void Checkpoints_of_a_growing_log_are_the_roots_of_its_entries()
    {
        JsonElement log = Vectors().GetProperty("tessera_log");
        byte[][] leaves = [.. log.GetProperty("entries").EnumerateArray().Select(entry => MerkleTree.LeafHash(Encoding.UTF8.GetBytes(entry.GetString()!)))];
        var policy = new WitnessPolicy("example.com/log/testdata", Key(log, "vkey"), [], 0);
        int size = 0;
        foreach (JsonElement note in log.GetProperty("checkpoints").EnumerateArray())
        {
            Assert.True(policy.TryVerify(Encoding.UTF8.GetBytes(note.GetString()!), out WitnessedCheckpoint? checkpoint));
            Assert.Equal(size, checkpoint.Checkpoint.Size);
            Assert.Equal(MerkleTree.Root(leaves[..size++]), checkpoint.Checkpoint.Root.ToArray());
        }

        Assert.Equal(leaves.Length + 1, size);
    }

    [Fact]
    public static void Cosigned_checkpoints_are_made_and_opened_to_the_byte()
    {
        foreach (JsonElement vector in Vectors().GetProperty("cosigned").EnumerateArray())
        {
            NoteVerifierKey logKey = Key(vector, "log_vkey");
            NoteVerifierKey witnessKey = Key(vector, "witness_vkey");
            using NoteSigner log = NoteSigner.Import(logKey.Name, NoteKeyType.Ed25519, vector.Hex("log_seed"));
            using NoteSigner witness = NoteSigner.Import(witnessKey.Name, NoteKeyType.Cosignature, vector.Hex("witness_seed"));
            Assert.Equal(logKey.ToString(), log.VerifierKey.ToString());
            Assert.Equal(witnessKey.ToString(), witness.VerifierKey.ToString());

            byte[] note = Text(vector, "note");
            byte[] text = note[..(note.AsSpan().IndexOf("\n\n"u8) + 1)];
            DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(vector.GetProperty("timestamp").GetInt64());
            Assert.Equal(Encoding.UTF8.GetString(note), Encoding.UTF8.GetString([.. log.Sign(text), .. witness.CosignatureLine(text, time)]));

            var policy = new WitnessPolicy(vector.GetProperty("origin").GetString()!, logKey, [witnessKey], 1);
            foreach (string form in new[] { "note", "note_with_mldsa" })
            {
                Assert.True(policy.TryVerify(Text(vector, form), out WitnessedCheckpoint? checkpoint));
                Assert.Equal(time, checkpoint.WitnessedAt);
                Assert.Equal(vector.GetProperty("size").GetInt64(), checkpoint.Checkpoint.Size);
                Assert.Equal(vector.Hex("root"), checkpoint.Checkpoint.Root.ToArray());
            }
        }
    }

    [Fact]
    public static void Notes_with_a_flaw_are_refused()
    {
        JsonElement vector = Vectors().GetProperty("cosigned")[0];
        var policy = new WitnessPolicy(vector.GetProperty("origin").GetString()!, Key(vector, "log_vkey"), [Key(vector, "witness_vkey")], 1);
        foreach (JsonElement flawed in Vectors().GetProperty("negative_notes").EnumerateArray())
        {
            Assert.False(policy.TryVerify(Text(flawed, "note"), out _), flawed.GetProperty("name").GetString());
        }
    }

    [Fact]
    public static void The_offline_proof_is_parsed_written_and_proves_its_entry_alone()
    {
        JsonElement vector = Vectors().GetProperty("tlog_proof");
        JsonElement keys = Vectors().GetProperty("cosigned")[0];
        var policy = new WitnessPolicy(keys.GetProperty("origin").GetString()!, Key(keys, "log_vkey"), [Key(keys, "witness_vkey")], 1);
        byte[] text = Text(vector, "text");
        Assert.True(TlogProof.TryParse(text, out TlogProof? proof));
        Assert.Equal(text, proof.Write());
        Assert.True(policy.TryVerify(proof.Checkpoint.Span, out WitnessedCheckpoint? checkpoint));
        Assert.True(proof.Proves(MerkleTree.LeafHash(Text(vector, "entry")), checkpoint.Checkpoint));
        Assert.False(proof.Proves(MerkleTree.LeafHash("fivE"u8), checkpoint.Checkpoint));
        Assert.True(TlogProof.TryParse(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).Replace("\nindex", "\nextra YWJj\nindex", StringComparison.Ordinal)), out TlogProof? extended));
        Assert.Equal(text, extended.Write());
    }

    [Fact]
    public static void Trees_and_proofs_are_those_of_RFC_6962()
    {
        JsonElement merkle = Vectors().GetProperty("merkle");
        byte[][] leaves = [.. merkle.GetProperty("leaf_hashes").EnumerateArray().Select(hash => Convert.FromHexString(hash.GetString()!))];
        foreach (JsonProperty root in merkle.GetProperty("roots").EnumerateObject())
        {
            Assert.Equal(root.Value.GetString(), Convert.ToHexStringLower(MerkleTree.Root(leaves[..int.Parse(root.Name, System.Globalization.CultureInfo.InvariantCulture)])));
        }

        foreach (JsonElement one in merkle.GetProperty("inclusion").EnumerateArray())
        {
            Assert.Equal(Proof(one), Hex(MerkleTree.ProveInclusion(leaves[..one.GetProperty("size").GetInt32()], one.GetProperty("index").GetInt32())));
        }

        foreach (JsonElement one in merkle.GetProperty("consistency").EnumerateArray())
        {
            Assert.Equal(Proof(one), Hex(MerkleTree.ProveConsistency(leaves[..one.GetProperty("size2").GetInt32()], one.GetProperty("size1").GetInt32())));
        }
    }

    [Fact]
    public static void Wrong_inclusion_proofs_are_refused()
    {
        foreach (JsonElement one in Vectors().GetProperty("inclusion_cases").EnumerateArray())
        {
            // Numbers beyond 63 bits are none that a checkpoint or a proof here can hold.
            bool valid = one.GetProperty("index").TryGetInt64(out long index) && one.GetProperty("size").TryGetInt64(out long size)
                && MerkleTree.VerifyInclusion(one.Hex("leaf_hash"), index, size, Hashes(one), one.Hex("root"));
            Assert.True(one.GetProperty("valid").GetBoolean() == valid, one.GetProperty("desc").GetString());
        }
    }

    [Fact]
    public static void Wrong_consistency_proofs_are_refused()
    {
        foreach (JsonElement one in Vectors().GetProperty("consistency_cases").EnumerateArray())
        {
            long size1 = one.GetProperty("size1").GetInt64();
            bool valid = MerkleTree.VerifyConsistency(size1, one.Hex("root1"), one.GetProperty("size2").GetInt64(), one.Hex("root2"), Hashes(one));

            // An empty log proves nothing of the one that follows it.
            Assert.True((one.GetProperty("valid").GetBoolean() && size1 > 0) == valid, one.GetProperty("desc").GetString());
        }
    }

    [Fact]
    public static void Tiles_lie_where_other_readers_look_for_them()
    {
        foreach (JsonElement one in Vectors().GetProperty("paths").EnumerateArray())
        {
            int width = one.TryGetProperty("width", out JsonElement partial) ? partial.GetInt32() : TilePath.FullWidth;
            TilePath tile = TilePath.OfHashes(one.GetProperty("level").GetInt32(), one.GetProperty("index").GetInt64(), width);
            Assert.Equal(one.GetProperty("path").GetString(), tile.ToString());
            Assert.True(TilePath.TryParse(tile.ToString(), out TilePath read));
            Assert.Equal(tile, read);
        }

        JsonElement log = Vectors().GetProperty("tessera_log");
        Assert.True(EntryBundle.TryParse(log.Hex("entries_000_p_15"), 15, out IReadOnlyList<ReadOnlyMemory<byte>>? entries));
        Assert.Equal(log.GetProperty("entries").EnumerateArray().Select(entry => entry.GetString()), entries.Select(entry => Encoding.UTF8.GetString(entry.Span)));
        Assert.Equal(log.Hex("entries_000_p_15"), EntryBundle.Encode([.. entries]));
        Assert.False(EntryBundle.TryParse(log.Hex("entries_000_p_15"), 14, out _));
        Assert.False(EntryBundle.TryParse(log.Hex("entries_000_p_15"), 16, out _));
        Assert.Equal(log.GetProperty("tile_0_000_p_15").GetString(), Convert.ToHexStringLower([.. entries.SelectMany(entry => MerkleTree.LeafHash(entry.Span))]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tile/0/00")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/007")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/000\n")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/entry/000")]
    public static void What_is_not_the_path_of_a_tile_is_none(string path) => Assert.False(TilePath.TryParse(path, out _));

    [Fact]
    public static void A_growing_tree_has_the_roots_and_proofs_of_the_plain_one_at_every_size()
    {
        var tree = new GrowingTree();
        var leaves = new List<byte[]>();
        JsonElement roots = Vectors().GetProperty("tiles").GetProperty("roots");
        for (int i = 0; i <= 600; i++)
        {
            if (roots.TryGetProperty($"{i}", out JsonElement root))
                Assert.Equal(root.GetString(), Convert.ToHexStringLower(tree.Root(i)));
            byte[] leaf = MerkleTree.LeafHash(Encoding.ASCII.GetBytes($"entry {i}"));
            leaves.Add(leaf);
            tree.Append(leaf);
        }

        var random = new Random(3);
        for (int i = 0; i < 200; i++)
        {
            int size = random.Next(1, 601);
            int index = random.Next(size);
            byte[][] part = [.. leaves.Take(size)];
            Assert.Equal(Hex(MerkleTree.ProveInclusion(part, index)), Hex(tree.ProveInclusion(index, size)));
            Assert.Equal(Hex(MerkleTree.ProveConsistency(part, index + 1)), Hex(tree.ProveConsistency(index + 1, size)));
            Assert.True(MerkleTree.VerifyInclusion(part[index], index, size, tree.ProveInclusion(index, size), tree.Root(size)));
            Assert.True(MerkleTree.VerifyConsistency(index + 1, tree.Root(index + 1), size, tree.Root(size), tree.ProveConsistency(index + 1, size)));
        }
    }

    [Fact]
    public static void The_partial_tiles_of_a_large_log_are_those_of_other_tools()
    {
        const int Size = 70_000;
        IEnumerable<string> partial = Enumerable.Range(0, 3).SelectMany(level => TilePath.All(level, Size >> (8 * level))).Select(tile => tile.ToString()).Where(path => path.Contains(".p/", StringComparison.Ordinal));
        Assert.Equal(Vectors().GetProperty("tiles_size_70000_partial").EnumerateArray().Select(path => path.GetString()), partial);
    }

    private static JsonElement Vectors() => VectorFile.OpenForeign("tlog-c2sp.json");

    private static byte[] Text(JsonElement element, string property) => Encoding.UTF8.GetBytes(element.GetProperty(property).GetString()!);

    private static NoteVerifierKey Key(JsonElement element, string property) => NoteVerifierKey.TryParse(element.GetProperty(property).GetString()!, out NoteVerifierKey? key)
        ? key
        : throw new InvalidOperationException($"{property} is no key.");

    private static IReadOnlyList<ReadOnlyMemory<byte>> Hashes(JsonElement element) =>
        [.. element.GetProperty("proof").EnumerateArray().Select(hash => (ReadOnlyMemory<byte>)Convert.FromHexString(hash.GetString()!))];

    private static string[] Proof(JsonElement element) => [.. element.GetProperty("proof").EnumerateArray().Select(hash => hash.GetString()!)];

    private static string[] Hex(IReadOnlyList<ReadOnlyMemory<byte>> proof) => [.. proof.Select(hash => Convert.ToHexStringLower(hash.Span))];
}

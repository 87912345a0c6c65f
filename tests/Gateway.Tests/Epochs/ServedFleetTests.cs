using Veil.Attestation;
using Veil.Gateway.Epochs;
using Veil.Gateway.Tests.Parties;
using Veil.SoftwareTee;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Tests.Epochs;

/// <summary>Hosts are served with everything that a client needs to hold them to the head: where they stand in the fleet, and that the log continues the checkpoint in their claims.</summary>
public static class ServedFleetTests
{
    private const string Origin = "gateway.example/veil";

    private static readonly byte[][] Leaves = [.. Enumerable.Range(0, 9).Select(number => MerkleTree.LeafHash([(byte)number]))];

    [Fact]
    public static void A_small_fleet_is_served_whole_with_one_proof_for_each_checkpoint_that_needs_one()
    {
        ServedFleet fleet = Serve(0, 7, 9, 3, 7);

        Assert.True(DocumentSet.TryParse(fleet.Whole!.Value, out DocumentSet? set));
        Assert.Equal(5 + 2, set.Documents.Count);
        Assert.All(set.Documents.Take(5), record => Assert.True(HostRecord.TryParse(record, out _, out _)));
        Assert.All(new[] { 3, 7 }.Zip(set.Documents.Skip(5)), pair => Assert.True(Continues(pair.First, pair.Second)));

        static bool Continues(int size, ReadOnlyMemory<byte> document) =>
            ConsistencyProof.TryParse(document, out IReadOnlyList<ReadOnlyMemory<byte>>? proof) && MerkleTree.VerifyConsistency(size, Root(size), Leaves.Length, Root(Leaves.Length), proof);
    }

    [Fact]
    public static void Of_any_fleet_hosts_are_served_by_their_indices_each_with_its_proofs()
    {
        long[] named = [.. Enumerable.Range(0, 70).Select(number => (long)(number % 10))];
        ServedFleet fleet = Serve(named);
        Assert.Null(fleet.Whole);

        Assert.True(DocumentSet.TryParse(fleet.Find([69, 4]), out DocumentSet? set));
        Assert.All(set.Documents, document =>
        {
            Assert.True(ProvenHost.TryParse(document, out ProvenHost? host));
            Assert.True(HostRecord.TryParse(host.Record, out HostRecord? record, out _));
            Assert.True(HostClaims.TryParse(record.EncodedClaims.Span, out HostClaims? claims, out _));
            int size = (int)claims.CheckpointSize;
            Assert.True(size is 0 or 9 ? host.Consistency.Count is 0 : MerkleTree.VerifyConsistency(size, Root(size), Leaves.Length, Root(Leaves.Length), host.Consistency));
        });
        Assert.Equal(2, set.Documents.Count);
        Assert.Null(fleet.Find([70]));
        Assert.Null(fleet.Find([0, 1, 2, 3, 4, 5, 6, 7, 8]));
    }

    private static byte[] Root(int size) => MerkleTree.Root(Leaves[..size]);

    private static ServedFleet Serve(params long[] named)
    {
        using NoteSigner authority = NoteSigner.Generate("gateway.example", NoteKeyType.Ed25519);
        var log = new PublishedLog();
        Assert.True(log.TryTake([.. Enumerable.Range(0, Leaves.Length).Select(number => (ReadOnlyMemory<byte>)new[] { (byte)number })], new Checkpoint(Origin, Leaves.Length, Root(Leaves.Length)), authority.VerifierKey));
        var guest = new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf("chat 1") };
        Dictionary<string, HostRecord> records = named.Select(size => SoftwareRecord.Make(guest, checkpoint: new Checkpoint(Origin, size, Root((int)size)))).ToDictionary(record => Convert.ToHexString(record.EncodedClaims.Span));
        FleetTree tree = FleetTree.Build(FleetTree.EmptyRoot, records.Values.Select(record => record.EncodedClaims));
        return new(tree, [.. tree.Claims.Select(claims => (ReadOnlyMemory<byte>)records[Convert.ToHexString(claims.Span)].Encode())], log, Leaves.Length);
    }
}

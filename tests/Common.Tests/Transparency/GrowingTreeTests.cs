using System.Buffers.Binary;
using Veil.Transparency;

namespace Veil.Common.Tests.Transparency;

public static class GrowingTreeTests
{
    /// <summary>Around the borders of pieces of 4, 8 ... 256 hashes, of every level.</summary>
    private static readonly int[] Sizes = [0, 1, 3, 4, 5, 8, 9, 31, 255, 256, 257, 300, 511, 512, 513, 600, 1023, 1024, 1030];

    [Fact]
    public static void What_was_taken_back_leaves_no_trace_in_what_grows_after_it()
    {
        foreach (int before in Sizes)
        {
            foreach (int size in Sizes.Where(size => size <= before))
            {
                var tree = new GrowingTree();
                Grow(tree, 0, before, world: 1);
                byte[] root = tree.Root(size);
                tree.Truncate(size);
                Assert.Equal(size, tree.Size);
                Assert.Equal(root, tree.Root(size));

                Grow(tree, size, 1100, world: 2);
                byte[][] leaves = [.. Enumerable.Range(0, 1100).Select(i => Leaf(i, i < size ? 1 : 2))];
                Assert.Equal(MerkleTree.Root(leaves), tree.Root(1100));
                Assert.Equal(root, tree.Root(size));
            }
        }
    }

    [Fact]
    public static void What_was_read_stays_as_it_was_when_it_is_taken_back()
    {
        foreach (int size in Sizes.Where(size => size > 0))
        {
            var tree = new GrowingTree();
            Grow(tree, 0, size, world: 1);
            ReadOnlySpan<byte> read = tree.Leaf(size - 1);
            tree.Truncate(size - 1);
            tree.Append(Leaf(size - 1, world: 2));
            Assert.Equal(Leaf(size - 1, world: 1), read);
            Assert.Equal(Leaf(size - 1, world: 2), tree.Leaf(size - 1));
        }
    }

    [Fact]
    public static async Task Readers_see_every_root_while_a_writer_lets_the_tree_grow()
    {
        const int Size = 20_000;
        const int Step = 1000;
        var tree = new GrowingTree();
        var reference = new GrowingTree();
        Grow(reference, 0, Size, world: 1);
        long seen = 0;
        var sizes = new HashSet<long>();
        Task writer = Task.Run(
            () =>
            {
                for (int size = 0; size < Size; size += Step)
                {
                    Grow(tree, size, size + Step, world: 1);

                    // However busy the machine is, the reader looks while the tree grows.
                    SpinWait.SpinUntil(() => Volatile.Read(ref seen) >= size, TimeSpan.FromSeconds(1));
                }
            },
            TestContext.Current.CancellationToken);
        do
        {
            long size = tree.Size;
            Assert.Equal(reference.Root(size), tree.Root(size));
            if (size > 0)
            {
                Assert.Equal(reference.Leaf(size - 1), tree.Leaf(size - 1));
                Assert.Equal(reference.ProveConsistency(1, size).Select(hash => Convert.ToHexString(hash.Span)), tree.ProveConsistency(1, size).Select(hash => Convert.ToHexString(hash.Span)));
            }

            sizes.Add(size);
            Volatile.Write(ref seen, size);
        }
        while (!writer.IsCompleted);

        await writer;
        Assert.True(sizes.Count > 5, $"{sizes.Count} sizes were looked at");
    }

    [Fact]
    public static void Misuse_is_refused()
    {
        var tree = new GrowingTree();
        Grow(tree, 0, 5, world: 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Append(new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Leaf(5).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Leaf(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Root(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Truncate(6));
        Assert.Equal(5, tree.Size);
    }

    private static void Grow(GrowingTree tree, int from, int to, int world)
    {
        for (int i = from; i < to; i++)
            tree.Append(Leaf(i, world));
    }

    private static byte[] Leaf(int index, int world)
    {
        byte[] entry = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(entry, index);
        BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(4), world);
        return MerkleTree.LeafHash(entry);
    }
}

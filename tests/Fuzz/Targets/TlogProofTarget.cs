using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Fuzz.Targets;

/// <summary>A proof that was read and written again reads as itself; the other forms of what proves and what is proven are read from the same bytes.</summary>
public static class TlogProofTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (TlogProof.TryParse(input, out TlogProof? proof))
        {
            if (!TlogProof.TryParse(proof.Write(), out TlogProof? again) || again.Index != proof.Index || again.Hashes.Count != proof.Hashes.Count)
                throw new InvalidOperationException("A proof changed when it was written again.");
            if (proof.Proves(new byte[32], new Checkpoint("origin", long.MaxValue, new byte[32])))
                throw new InvalidOperationException("A forged proof holds.");
        }

        byte[] bytes = input.ToArray();
        if (DocumentSet.TryParse(bytes, out DocumentSet? set) && !set.Encode().AsSpan().SequenceEqual(input))
            throw new InvalidOperationException("A set of documents changed when it was written again.");
        if (ProvenHost.TryParse(bytes, out ProvenHost? host) && !host.Encode().AsSpan().SequenceEqual(input))
            throw new InvalidOperationException("A proven host changed when it was written again.");
        if (ConsistencyProof.TryParse(bytes, out IReadOnlyList<ReadOnlyMemory<byte>>? hashes) && !ConsistencyProof.Encode(hashes).AsSpan().SequenceEqual(input))
            throw new InvalidOperationException("A consistency proof changed when it was written again.");
        _ = TrustBundle.TryParse(bytes, out _, out _);
        _ = EntryBundle.TryParse(bytes, 2, out _);
    }
}

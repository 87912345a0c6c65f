using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>Answers to batches, as hostile issuers send them: none gives a token, since nobody knows these keys.</summary>
public static class BatchResponseTarget
{
    private static readonly Lazy<PendingBatch[]> Pending = new(() => [.. Batches()]);

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        foreach (PendingBatch batch in Pending.Value)
        {
            if (batch.TryFinalize(input.ToArray(), out IReadOnlyList<Token>? tokens, out _) && tokens.Count > 0)
                throw new InvalidOperationException("A token was released that does not verify.");
        }
    }

    private static IEnumerable<PendingBatch> Batches()
    {
        (ushort Type, byte[] Encoding)[] keys =
        [
            (1, Convert.FromHexString("03aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7")),
            (2, Corpus.Of(FuzzTarget.Named("TokenPublicKey"))[0].Bytes),
            (5, Convert.FromHexString("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")),
        ];
        var single = new List<PendingToken>();
        foreach ((ushort type, byte[] encoding) in keys)
        {
            if (!TokenPublicKey.TryParse(type, encoding, out TokenPublicKey? key, out _))
                continue;

            TokenChallenge challenge = TokenChallenge.Create(type, "issuer.example", [], "");
            if (PendingBatch.TryCreate(key, challenge, 3, out PendingBatch? batch, out _))
                yield return batch;
            if (PendingToken.TryCreate(key, challenge, out PendingToken? token, out _))
                single.Add(token);
        }

        yield return new GenericPendingBatch(single);
    }
}

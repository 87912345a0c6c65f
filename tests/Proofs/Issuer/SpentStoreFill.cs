using System.Buffers.Binary;
using System.Security.Cryptography;
using Veil.Issuer;
using Veil.PrivacyPass;

namespace Veil.Proofs.Issuer;

/// <summary>A store of spent tokens that is filled while no issuer uses it, and the issuer that then does.</summary>
internal abstract class SpentStoreFill : IAsyncDisposable
{
    /// <summary>Random tokens that are sorted together, so that a part of the table that is touched takes several.</summary>
    private const int Chunk = 1_000_000;

    private const int PerCall = 1000;
    private const int CallsAtOnce = 8;

    /// <summary>What is remembered of these redemptions is void at once, and swept.</summary>
    private static readonly TimeSpan Ago = 6 * ISpentTokenStore.Memory;

    private int _filled;

    /// <summary>Of the kind of store.</summary>
    public abstract string Name { get; }

    /// <summary>The issuer on this store.</summary>
    public IssuerProcess Issuer { get; protected set; } = null!;

    /// <summary>Makes the store and the issuer, with the mint's key.</summary>
    public abstract Task PrepareAsync(TokenMint mint);

    /// <summary>Bytes that the spent tokens take on disk.</summary>
    public abstract Task<long> SizeAsync();

    /// <summary>Spends random tokens of a key until there are so many.</summary>
    public async Task FillAsync(TokenPublicKey key, int count, ProofContext context)
    {
        long partition = TokenPartition.Of(key.KeyId);
        ISpentTokenStore store = await OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        while (_filled < count)
        {
            Redemption[] chunk = Draw(partition, Math.Min(Chunk, count - _filled));
            DateTimeOffset now = DateTimeOffset.UtcNow;
            await Parallel.ForAsync(0, (chunk.Length + PerCall - 1) / PerCall, new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = context.Cancellation }, async (call, _) =>
            {
                Verdict[] verdicts = await store.SpendAsync(chunk.AsMemory(call * PerCall, Math.Min(PerCall, chunk.Length - (call * PerCall))), now - Ago);
                if (verdicts.Any(verdict => verdict is not Verdict.Accepted))
                    throw new InvalidOperationException("A random token was spent before.");
            });
            await store.SweepAsync(now);
            _filled += chunk.Length;
            context.Progress($"{Name}: {_filled:N0} filled");
        }
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        if (Issuer is not null)
            await Issuer.DisposeAsync();
    }

    protected abstract Task<ISpentTokenStore> OpenAsync();

    private static Redemption[] Draw(long partition, int count)
    {
        byte[] random = RandomNumberGenerator.GetBytes(2 * Redemption.HashSize * count);
        var chunk = new Redemption[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> hashes = random.AsSpan(2 * Redemption.HashSize * i);
            chunk[i] = new Redemption(partition, BinaryPrimitives.ReadUInt128BigEndian(hashes), BinaryPrimitives.ReadUInt128BigEndian(hashes[Redemption.HashSize..]));
        }

        Array.Sort(chunk, (left, right) => left.Token.CompareTo(right.Token));
        return chunk;
    }
}

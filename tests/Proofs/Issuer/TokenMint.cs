using System.Collections.Concurrent;
using System.Security.Cryptography;
using Veil.KeyLifecycle;
using Veil.KeyStore;
using Veil.PrivacyPass;

namespace Veil.Proofs.Issuer;

/// <summary>
/// An issuer's key of type 2 that the prover made itself: it signs tokens directly, without blinding and without HTTP, several thousand a second and core.
/// </summary>
public sealed class TokenMint : IDisposable
{
    private const ushort BlindRsa = 2;

    private readonly byte[] _privateKey = TokenType.Find(BlindRsa)!.GeneratePrivateKey();
    private readonly TokenIssuerKey _key;

    /// <summary>Makes the key.</summary>
    public TokenMint() => _key = TokenIssuerKey.Import(BlindRsa, _privateKey);

    /// <summary>The public half.</summary>
    public TokenPublicKey PublicKey => _key.PublicKey;

    /// <summary>Replaces the first key of an issuer, which has not served yet, by the mint's.</summary>
    public void Equip(IssuerProcess issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        using WrappingKey wrappingKey = WrappingKey.From(new KeyStoreOptions { WrappingKeyFile = Path.Combine(issuer.Folder, "wrapping.key") });
        using var directory = new KeyDirectory(Path.Combine(issuer.Folder, "keys"), "issuer token keys", wrappingKey);
        KeyEntry first = directory.List().Single();
        directory.Write(first, [0, (byte)BlindRsa, .. _privateKey]);
    }

    /// <summary>Makes tokens on all cores.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellation">Ends it early.</param>
    public byte[][] Mint(int count, CancellationToken cancellation)
    {
        byte[][] tokens = new byte[count][];
        Parallel.ForEach(Partitioner.Create(0, count), new ParallelOptions { CancellationToken = cancellation }, range =>
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(_privateKey, out _);
            for (int i = range.Item1; i < range.Item2; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                tokens[i] = Sign(rsa);
            }
        });
        return tokens.Length is 0 || (Token.TryParse(tokens[^1], out Token? last, out _) && _key.Verify(last))
            ? tokens
            : throw new InvalidOperationException("What the mint signs does not verify.");
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _key.Dispose();
        CryptographicOperations.ZeroMemory(_privateKey);
    }

    /// <summary>The signature that unblinding would give is an ordinary one: RSASSA-PSS with SHA-384 and 48 bytes of salt.</summary>
    private byte[] Sign(RSA rsa)
    {
        byte[] input = [0, (byte)BlindRsa, .. RandomNumberGenerator.GetBytes(AuthenticatorInput.NonceSize), .. IssuerClient.Challenge.Digest, .. PublicKey.KeyId];
        return [.. input, .. rsa.SignData(input, HashAlgorithmName.SHA384, RSASignaturePadding.Pss)];
    }
}

using System.Security.Cryptography;
using System.Text;
using Veil.KeyStore;

namespace Veil.Issuer;

/// <summary>
/// Makes account ids of identities that others vouch for: HMAC-SHA256, cut to 16 bytes, under a key that all replicas share through the accounts' store, where it
/// lies wrapped. Whoever has the store alone can neither read nor guess who draws.
/// </summary>
internal sealed class IdentityKey : IDisposable
{
    private const int Size = 32;
    private const int IdBytes = 16;
    private const string Purpose = "issuer identity key";
    private readonly byte[] _key;

    private IdentityKey(byte[] key) => _key = key;

    /// <summary>Reads the key from the store, and makes it at first use.</summary>
    /// <exception cref="StoreUnavailableException">The store failed.</exception>
    /// <exception cref="KeyStoreException">It was wrapped under another wrapping key.</exception>
    public static async Task<IdentityKey> OpenAsync(IAccountStore accounts, WrappingKey wrappingKey)
    {
        byte[] fresh = RandomNumberGenerator.GetBytes(Size);
        byte[] wrapped = await accounts.KeepIdentityKeyAsync(WrappedSecret.Wrap(wrappingKey, Purpose, fresh)).ConfigureAwait(false);
        CryptographicOperations.ZeroMemory(fresh);
        return WrappedSecret.TryUnwrap(wrappingKey, Purpose, wrapped, out byte[]? key)
            ? new IdentityKey(key)
            : throw new KeyStoreException("The identity key in the accounts' store does not unwrap: it was wrapped under another wrapping key.");
    }

    /// <summary>Somebody whom an OpenID Connect provider knows.</summary>
    /// <param name="issuer">The provider's issuer identifier.</param>
    /// <param name="subject">The <c>sub</c> claim.</param>
    public string OfOpenIdConnect(string issuer, string subject) => "oidc-" + Hash("oidc", Encoding.UTF8.GetBytes(issuer), Encoding.UTF8.GetBytes(subject));

    /// <summary>The holder of one key.</summary>
    /// <param name="spkiSha256">SHA-256 of the certificate's SubjectPublicKeyInfo.</param>
    public string OfCertificateKey(ReadOnlySpan<byte> spkiSha256) => "cert-" + Hash("certificate key", spkiSha256, []);

    /// <summary>Whoever the trusted authorities call by a name.</summary>
    /// <param name="subject">The certificate's subject in DER.</param>
    public string OfCertificateSubject(ReadOnlySpan<byte> subject) => "cert-" + Hash("certificate subject", subject, []);

    /// <summary>Erases the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    /// <summary>Each part is preceded by its length, so that no two lists of parts are one text.</summary>
    private string Hash(string kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        Append(hash, Encoding.UTF8.GetBytes(kind));
        Append(hash, first);
        Append(hash, second);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, IdBytes));
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}

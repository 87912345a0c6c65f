using System.Security.Cryptography;

namespace Veil.Hpke;

/// <summary>The sender's side: one encapsulation, made by SetupBaseS or SetupPskS according to the key schedule's mode.</summary>
public sealed class SenderContext : HpkeContext
{
    private readonly byte[] _enc;

    private SenderContext(HpkeSuite suite, in ContextSecrets secrets, byte[] enc)
        : base(suite, secrets) => _enc = enc;

    /// <summary>enc, which the recipient needs to set up its side.</summary>
    public ReadOnlyMemory<byte> Enc => _enc;

    /// <summary>SetupBaseS or SetupPskS.</summary>
    /// <exception cref="ArgumentException">The public key is not a valid one of the suite's KEM (<see cref="Kem.IsValidPublicKey"/>).</exception>
    public static SenderContext Setup(KeySchedule schedule, ReadOnlySpan<byte> publicKey) => Setup(schedule, publicKey, ephemeral: null);

    /// <summary>Seals the next message; the ciphertext is <see cref="HpkeSuite.TagSize"/> bytes longer than the plaintext.</summary>
    /// <exception cref="InvalidOperationException">The sequence of nonces is used up.</exception>
    public void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Span<byte> nonce = stackalloc byte[HpkeSuite.NonceSize];
        Suite.Seal(Next(nonce), nonce, aad, plaintext, ciphertext);
        Advance();
    }

    internal static SenderContext Setup(KeySchedule schedule, ReadOnlySpan<byte> publicKey, KemPrivateKey? ephemeral)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        Span<byte> sharedSecret = stackalloc byte[Kem.SharedSecretSize];
        var enc = new byte[schedule.Suite.Kem.EncapsulatedKeySize];
        if (!schedule.Suite.Kem.TryEncap(publicKey, ephemeral, sharedSecret, enc))
            throw new ArgumentException("Not a valid public key of this KEM.", nameof(publicKey));

        schedule.Derive(sharedSecret, out ContextSecrets secrets);
        var context = new SenderContext(schedule.Suite, secrets, enc);
        secrets.Clear();
        CryptographicOperations.ZeroMemory(sharedSecret);
        return context;
    }
}

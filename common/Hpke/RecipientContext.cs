using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Veil.Hpke;

/// <summary>The recipient's side: opens what one sender sealed, in order.</summary>
public sealed class RecipientContext : HpkeContext
{
    private RecipientContext(HpkeSuite suite, in ContextSecrets secrets)
        : base(suite, secrets)
    {
    }

    /// <summary>SetupBaseR or SetupPskR; false when <paramref name="enc"/> has a wrong length or is not a valid encapsulated key.</summary>
    /// <exception cref="ArgumentException">The key belongs to another KEM than the schedule's suite.</exception>
    public static bool TrySetup(KeySchedule schedule, KemPrivateKey key, ReadOnlySpan<byte> enc, [NotNullWhen(true)] out RecipientContext? context)
    {
        context = null;
        if (!TryDerive(schedule, key, enc, out ContextSecrets secrets))
            return false;

        context = new RecipientContext(schedule.Suite, secrets);
        secrets.Clear();
        return true;
    }

    /// <summary>Opens the next message; false, without moving on, when it is not authentic.</summary>
    public bool TryOpen(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[HpkeSuite.NonceSize];
        if (!Suite.TryOpen(Next(nonce), nonce, aad, ciphertext, plaintext))
            return false;

        Advance();
        return true;
    }

    internal static bool TryDerive(KeySchedule schedule, KemPrivateKey key, ReadOnlySpan<byte> enc, out ContextSecrets secrets)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(key);
        if (key.Kem != schedule.Suite.Kem)
            throw new ArgumentException("The key belongs to another KEM than the suite.", nameof(key));

        Span<byte> sharedSecret = stackalloc byte[Kem.SharedSecretSize];
        secrets = default;
        if (!key.TryDecap(enc, sharedSecret))
            return false;

        schedule.Derive(sharedSecret, out secrets);
        CryptographicOperations.ZeroMemory(sharedSecret);
        return true;
    }
}

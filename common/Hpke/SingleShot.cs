using System.Security.Cryptography;

namespace Veil.Hpke;

/// <summary>
/// Contexts of one message and one exported secret (RFC 9180 section 6), which is what a request with an answer needs.
/// No context object is made: on the libcrypto back end opening allocates nothing.
/// </summary>
public static class SingleShot
{
    /// <summary>Sets up a sender, seals one message and exports one secret.</summary>
    /// <exception cref="ArgumentException">The public key is not valid or a span has a wrong size.</exception>
    public static void Seal(
        KeySchedule schedule,
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> plaintext,
        Span<byte> enc,
        Span<byte> ciphertext,
        ReadOnlySpan<byte> exporterContext,
        Span<byte> exported) => Seal(schedule, publicKey, null, plaintext, enc, ciphertext, exporterContext, exported);

    /// <summary>
    /// Sets up the recipient, opens one message and exports one secret; false, with plaintext and secret cleared, when the encapsulated key
    /// is not valid or the message not authentic. The two reasons are not told apart.
    /// </summary>
    public static bool TryOpen(
        KeySchedule schedule,
        KemPrivateKey key,
        ReadOnlySpan<byte> enc,
        ReadOnlySpan<byte> ciphertext,
        Span<byte> plaintext,
        ReadOnlySpan<byte> exporterContext,
        Span<byte> exported)
    {
        if (!RecipientContext.TryDerive(schedule, key, enc, out ContextSecrets secrets))
        {
            plaintext.Clear();
            exported.Clear();
            return false;
        }

        bool authentic = schedule.Suite.TryOpen(secrets.Key(schedule.Suite.KeySize), secrets.BaseNonce, default, ciphertext, plaintext);
        if (authentic)
            secrets.Export(schedule.Suite, exporterContext, exported);
        else
            exported.Clear();
        secrets.Clear();
        return authentic;
    }

    internal static void Seal(
        KeySchedule schedule,
        ReadOnlySpan<byte> publicKey,
        KemPrivateKey? ephemeral,
        ReadOnlySpan<byte> plaintext,
        Span<byte> enc,
        Span<byte> ciphertext,
        ReadOnlySpan<byte> exporterContext,
        Span<byte> exported)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        Span<byte> sharedSecret = stackalloc byte[Kem.SharedSecretSize];
        if (!schedule.Suite.Kem.TryEncap(publicKey, ephemeral, sharedSecret, enc))
            throw new ArgumentException("Not a valid public key of this KEM.", nameof(publicKey));

        schedule.Derive(sharedSecret, out ContextSecrets secrets);
        schedule.Suite.Seal(secrets.Key(schedule.Suite.KeySize), secrets.BaseNonce, default, plaintext, ciphertext);
        secrets.Export(schedule.Suite, exporterContext, exported);
        secrets.Clear();
        CryptographicOperations.ZeroMemory(sharedSecret);
    }
}

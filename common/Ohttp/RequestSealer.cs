using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>The client's side of plain requests (RFC 9458 section 4.3).</summary>
public static class RequestSealer
{
    /// <summary>Bytes of the encapsulated request for a plaintext of <paramref name="length"/> bytes.</summary>
    public static int GetSize(KeyConfig config, int length)
    {
        ArgumentNullException.ThrowIfNull(config);
        return checked(MessageFormat.HeaderSize + config.Kem.EncapsulatedKeySize + length + HpkeSuite.TagSize);
    }

    /// <summary>Seals one request under a fresh context; a retry seals again.</summary>
    /// <param name="config">The gateway's key.</param>
    /// <param name="suite">One of its suites, usually <see cref="KeyConfig.Choose()"/>.</param>
    /// <param name="request">The Binary HTTP request.</param>
    /// <param name="destination">At least <see cref="GetSize"/> bytes; must not overlap the request.</param>
    /// <param name="written">Bytes of the encapsulated request.</param>
    /// <returns>What opens the one response to this request.</returns>
    /// <exception cref="ArgumentException">The suite is not offered or not known, or the destination is too short.</exception>
    public static ResponseOpener Seal(KeyConfig config, SymmetricSuite suite, ReadOnlySpan<byte> request, Span<byte> destination, out int written) =>
        Seal(config, suite, ephemeral: null, request, destination, out written);

    internal static ResponseOpener Seal(
        KeyConfig config, SymmetricSuite suite, KemPrivateKey? ephemeral, ReadOnlySpan<byte> request, Span<byte> destination, out int written)
    {
        HpkeSuite hpke = FindSuite(config, suite);
        written = GetSize(config, request.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, written, nameof(destination));

        MessageFormat.WriteHeader(destination, config.KeyId, hpke);
        Span<byte> enc = destination.Slice(MessageFormat.HeaderSize, hpke.Kem.EncapsulatedKeySize);
        Span<byte> ciphertext = destination[(MessageFormat.HeaderSize + enc.Length)..written];
        Span<byte> secret = stackalloc byte[MessageFormat.ResponseSecretSize(hpke)];
        KeySchedule schedule = MessageFormat.Plain.Schedule(config.KeyId, hpke);
        SingleShot.Seal(schedule, config.PublicKey.Span, ephemeral, request, enc, ciphertext, MessageFormat.Plain.ResponseLabel, secret);
        var opener = new ResponseOpener(hpke, secret, enc);
        CryptographicOperations.ZeroMemory(secret);
        return opener;
    }

    /// <summary>The suite if the configuration offers it and it is known here.</summary>
    internal static HpkeSuite FindSuite(KeyConfig config, SymmetricSuite suite)
    {
        ArgumentNullException.ThrowIfNull(config);
        HpkeSuite? hpke = config.Suites.Contains(suite) ? config.Kem.FindSuite(suite.KdfId, suite.AeadId) : null;
        return hpke ?? throw new ArgumentException("The key configuration does not offer this suite, or it is not known here.", nameof(suite));
    }
}

using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>The gateway's side of plain requests (RFC 9458 section 4.3).</summary>
public static class RequestOpener
{
    /// <summary>
    /// Opens one encapsulated request: <c>key_id(1) kem_id(2) kdf_id(2) aead_id(2) enc(Nenc) ciphertext</c>.
    /// On the libcrypto back end nothing is allocated.
    /// </summary>
    /// <param name="keys">The keys accepted now.</param>
    /// <param name="encapsulated">Untrusted bytes, whole.</param>
    /// <param name="plaintext">
    /// Takes the Binary HTTP request; as long as <paramref name="encapsulated"/> is always enough. It may be the same memory from the first byte of
    /// the ciphertext on, and not overlap otherwise.
    /// </param>
    /// <param name="written">Bytes of the request.</param>
    /// <param name="response">Seals the response; dispose it. Set only on success.</param>
    /// <param name="error">Why it was refused. To the relay all reasons look alike.</param>
    /// <exception cref="ArgumentException"><paramref name="plaintext"/> is too short.</exception>
    public static bool TryOpen(
        GatewayKeys keys, ReadOnlySpan<byte> encapsulated, Span<byte> plaintext, out int written, out ResponseSealer response, out OhttpError error)
    {
        ArgumentNullException.ThrowIfNull(keys);
        written = 0;
        response = default;
        if (encapsulated.Length < MessageFormat.HeaderSize)
        {
            error = OhttpError.Truncated;
            return false;
        }

        if (!keys.TryFind(encapsulated, MessageFormat.Plain, out GatewayKey? key, out KeySchedule? schedule, out error))
            return false;

        HpkeSuite suite = schedule.Suite;
        ReadOnlySpan<byte> rest = encapsulated[MessageFormat.HeaderSize..];
        int length = rest.Length - suite.Kem.EncapsulatedKeySize - HpkeSuite.TagSize;
        if (length < 0)
        {
            error = OhttpError.Truncated;
            return false;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(plaintext.Length, length, nameof(plaintext));
        ReadOnlySpan<byte> enc = rest[..suite.Kem.EncapsulatedKeySize];
        ResponseSecret secret = ResponseSecret.Rent(suite, enc);
        bool opened = SingleShot.TryOpen(
            schedule, key.PrivateKey, enc, rest[enc.Length..], plaintext[..length], MessageFormat.Plain.ResponseLabel, secret.Secret);
        if (!opened)
        {
            secret.Return(secret.Generation);
            error = OhttpError.DecryptFailed;
            return false;
        }

        written = length;
        response = new ResponseSealer(secret);
        return true;
    }
}

using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>
/// Seals the response to one opened request (RFC 9458 section 4.4). Only opening a request gives one. A handle without storage of its own:
/// disposing clears the secret, and copies of a disposed handle throw.
/// </summary>
public readonly struct ResponseSealer : IDisposable, IEquatable<ResponseSealer>
{
    private readonly ResponseSecret? _secret;
    private readonly int _generation;

    internal ResponseSealer(ResponseSecret secret)
    {
        _secret = secret;
        _generation = secret.Generation;
    }

    /// <summary>The request's encapsulated key, unique to it: what a replay window remembers.</summary>
    public ReadOnlySpan<byte> Enc
    {
        get
        {
            _ = Suite;
            return _secret!.Enc;
        }
    }

    /// <summary>Bytes in front of the ciphertext, max(Nn, Nk): a plaintext that lies there in the destination is sealed in place.</summary>
    public int NonceSize => MessageFormat.ResponseSecretSize(Suite);

    private HpkeSuite Suite => (_secret ?? throw new InvalidOperationException("No request was opened.")).Suite(_generation);

    /// <summary>Bytes of the encapsulated response for a plaintext of <paramref name="length"/> bytes.</summary>
    public int GetSize(int length) => checked(NonceSize + length + HpkeSuite.TagSize);

    /// <summary>Seals one response with a fresh nonce and returns its size, <see cref="GetSize"/>.</summary>
    /// <param name="response">The Binary HTTP response; it may lie at <see cref="NonceSize"/> in the destination, and not overlap otherwise.</param>
    /// <param name="destination">At least <see cref="GetSize"/> bytes.</param>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public int Seal(ReadOnlySpan<byte> response, Span<byte> destination)
    {
        int nonceSize = NonceSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, GetSize(response.Length), nameof(destination));
        Span<byte> nonce = stackalloc byte[HpkeSuite.MaxKeySize];
        _secret!.DrawNonce(nonce[..nonceSize]);
        return Seal(response, nonce[..nonceSize], destination);
    }

    /// <summary>Clears the secret.</summary>
    public void Dispose() => _secret?.Return(_generation);

    /// <summary>True for handles of the same request.</summary>
    public bool Equals(ResponseSealer other) => ReferenceEquals(_secret, other._secret) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ResponseSealer other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_secret, _generation);

    /// <summary>True for handles of the same request.</summary>
    public static bool operator ==(ResponseSealer left, ResponseSealer right) => left.Equals(right);

    /// <summary>False for handles of the same request.</summary>
    public static bool operator !=(ResponseSealer left, ResponseSealer right) => !left.Equals(right);

    internal int Seal(ReadOnlySpan<byte> response, ReadOnlySpan<byte> nonce, Span<byte> destination)
    {
        HpkeSuite suite = Suite;
        ResponseKeys.Derive(suite, _secret!.Secret, _secret.Enc, nonce, out ResponseKeys keys);
        Span<byte> ciphertext = destination.Slice(nonce.Length, response.Length + HpkeSuite.TagSize);
        suite.Seal(keys.Key(suite), keys.Nonce, default, response, ciphertext);
        nonce.CopyTo(destination);
        keys.Clear();
        return nonce.Length + ciphertext.Length;
    }
}

namespace Veil.Hpke;

/// <summary>One side of an HPKE exchange (RFC 9180 section 5.2): a sequence of messages and the secrets exported beside it. Not for concurrent use.</summary>
public abstract class HpkeContext : IDisposable
{
    private ContextSecrets _secrets;
    private ulong _sequence;
    private bool _disposed;

    private protected HpkeContext(HpkeSuite suite, in ContextSecrets secrets)
    {
        Suite = suite;
        _secrets = secrets;
    }

    /// <summary>The suite of this context.</summary>
    public HpkeSuite Suite { get; }

    /// <summary>Context.Export: a secret of the destination's length (at most 255 * 32) that depends on <paramref name="exporterContext"/>.</summary>
    public void Export(ReadOnlySpan<byte> exporterContext, Span<byte> exported)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _secrets.Export(Suite, exporterContext, exported);
    }

    /// <summary>Clears all secrets.</summary>
    public void Dispose()
    {
        _disposed = true;
        _secrets.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>The key, and the nonce of the next message.</summary>
    private protected ReadOnlySpan<byte> Next(Span<byte> nonce)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_sequence == ulong.MaxValue)
            throw new InvalidOperationException("The context has no nonce left (MessageLimitReachedError).");

        _secrets.ComputeNonce(_sequence, nonce);
        return _secrets.Key(Suite.KeySize);
    }

    /// <summary>IncrementSeq, after a message that was sealed or opened.</summary>
    private protected void Advance() => _sequence++;
}

namespace Veil.ClientSdk;

/// <summary>
/// The view in use: made once for all requests, again when its lifetime is over. A refused key, or an issuer that has other keys, makes it again at
/// most once a lifetime, since the refusal stands outside the encryption and a relay could go on forging it.
/// </summary>
internal sealed class TrustedViewCache(IViewMaker maker, TimeSpan lifetime, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private TrustedView? _view;
    private DateTimeOffset _forcedAt = DateTimeOffset.MinValue;

    public async ValueTask<TrustedView> GetAsync(CancellationToken cancellationToken)
    {
        if (_view is { } view && IsFresh(view))
        {
            return view;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _view is { } made && IsFresh(made) ? made : _view = await maker.MakeAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A newer view than the one that failed; null when this lifetime's one look was spent.</summary>
    public async Task<TrustedView?> ReplaceAsync(TrustedView failed, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_view == failed && time.GetUtcNow() - _forcedAt >= lifetime)
            {
                _forcedAt = time.GetUtcNow();
                _view = await maker.MakeAsync(cancellationToken).ConfigureAwait(false);
            }

            return _view == failed ? null : _view;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        maker.Dispose();
        _turn.Dispose();
    }

    private bool IsFresh(TrustedView view)
    {
        DateTimeOffset now = time.GetUtcNow();
        return (now - view.MadeAt).Duration() < lifetime && view.IsValidAt(now);
    }
}

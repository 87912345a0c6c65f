using System.Security.Cryptography;
using Veil.PrivacyPass;

namespace Veil.ClientSdk;

/// <summary>
/// Tokens ahead of need. Drawing never follows from an answer: the challenge is the view's, the time is random, and a 401 changes nothing.
/// </summary>
public sealed class TokenSupply : IDisposable
{
    /// <summary>A fill brings a token for each that waits, so a second is rarely needed; more would mean that tokens vanish.</summary>
    private const int MostFills = 8;

    private readonly VeilOptions _options;
    private readonly TokenWallet _wallet;
    private readonly TokenDrawer? _drawer;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _filling = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;
    private readonly Func<CancellationToken, ValueTask<TrustedView>> _view;
    private int _waiting;
    private int _refillPlanned;
    private int _disposed;

    internal TokenSupply(VeilOptions options, TokenDrawer? drawer, Func<CancellationToken, ValueTask<TrustedView>> view, TimeProvider time)
    {
        _options = options;
        _wallet = new TokenWallet(options.WalletFile!);
        _drawer = drawer;
        _view = view;
        _time = time;
        _closed = _closing.Token;
    }

    /// <summary>Tokens in the wallet that the present view can spend.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken) =>
        await CountAsync(await _view(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>True when fewer than <see cref="VeilOptions.TokenReserve"/> tokens are left for a view that asks for them.</summary>
    public async Task<bool> IsLowAsync(CancellationToken cancellationToken)
    {
        TrustedView view = await _view(cancellationToken).ConfigureAwait(false);
        return view.Challenge is not null && await CountAsync(view, cancellationToken).ConfigureAwait(false) < _options.TokenReserve;
    }

    /// <summary>Draws up to <see cref="VeilOptions.TokenTarget"/> and returns how many were drawn.</summary>
    /// <exception cref="VeilException">None could be drawn, although some are missing.</exception>
    public async Task<int> FillAsync(CancellationToken cancellationToken)
    {
        TrustedView view = await _view(cancellationToken).ConfigureAwait(false);
        return await FillAsync(view, below: _options.TokenTarget, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the issuer for its directory and compares it with the gateway's copy, as before every draw; draws nothing.</summary>
    /// <exception cref="VeilException">No issuer is set, it does not answer, or the two differ.</exception>
    public async Task CheckIssuerAsync(CancellationToken cancellationToken)
    {
        TokenDrawer drawer = _drawer ?? throw new VeilException(VeilFailure.NoToken, Hop.Client, "no Issuer is set to draw tokens from.");
        await drawer.AgreeAsync(await _view(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops planned refills.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) is 1)
        {
            return;
        }

        _closing.Cancel();
        _closing.Dispose();
        _filling.Dispose();
        _wallet.Dispose();
    }

    /// <summary>One token for the first sending of a request, its mark on the disk; an empty wallet may be filled for it.</summary>
    /// <exception cref="VeilException">The wallet is empty and may not, or could not, be filled.</exception>
    internal async Task<WalletToken> TakeAsync(TrustedView view, CancellationToken cancellationToken) =>
        await TakeHeldAsync(view, cancellationToken).ConfigureAwait(false)
        ?? await DrawAndTakeAsync(view, cancellationToken).ConfigureAwait(false)
        ?? throw new VeilException(VeilFailure.NoToken, Hop.Client, "the wallet has no token for this gateway; run \"veil tokens fill\".");

    /// <summary>
    /// One token that the wallet holds, its mark on the disk; null when there is none. A second sending follows from an answer, so it takes from here
    /// alone: whoever forges a refusal must not bring about a draw.
    /// </summary>
    internal async Task<WalletToken?> TakeHeldAsync(TrustedView view, CancellationToken cancellationToken)
    {
        WalletToken? token = await TakeAnyAsync(view, cancellationToken).ConfigureAwait(false);
        PlanRefill(view);
        return token;
    }

    /// <summary>Fills an empty wallet and takes from it, again where others took all that a fill had brought.</summary>
    private async Task<WalletToken?> DrawAndTakeAsync(TrustedView view, CancellationToken cancellationToken)
    {
        if (!_options.DrawWhenEmpty || _drawer is null)
        {
            return null;
        }

        Interlocked.Increment(ref _waiting);
        try
        {
            WalletToken? token = null;
            for (int fills = 0; token is null && fills < MostFills; fills++)
            {
                await FillAsync(view, below: 1, cancellationToken).ConfigureAwait(false);
                token = await TakeAnyAsync(view, cancellationToken).ConfigureAwait(false);
            }

            return token;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<WalletToken?> TakeAnyAsync(TrustedView view, CancellationToken cancellationToken)
    {
        // Keys that are about to retire first: the directory lists the newest first.
        foreach (TokenKind kind in view.SpendableKinds().Reverse())
        {
            if (await _wallet.TakeAsync(kind, cancellationToken).ConfigureAwait(false) is { } token)
            {
                return token;
            }
        }

        return null;
    }

    private async Task<int> CountAsync(TrustedView view, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<TokenKind, int> counts = await _wallet.CountAsync(cancellationToken).ConfigureAwait(false);
        return view.SpendableKinds().Sum(kind => counts.GetValueOrDefault(kind));
    }

    /// <summary>One fill at a time; whoever waited for another's finds the wallet filled and draws nothing.</summary>
    private async Task<int> FillAsync(TrustedView view, int below, CancellationToken cancellationToken)
    {
        if (_drawer is null)
        {
            throw new VeilException(VeilFailure.NoToken, Hop.Client, "no Issuer is set to draw tokens from.");
        }

        await _filling.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            int present = await CountAsync(view, cancellationToken).ConfigureAwait(false);
            int wanted = Math.Max(_options.TokenTarget, Volatile.Read(ref _waiting));
            return present < below ? await _drawer.DrawAsync(view, wanted - present, _wallet, cancellationToken).ConfigureAwait(false) : 0;
        }
        finally
        {
            _filling.Release();
        }
    }

    /// <summary>Starts looking after the wallet; the request goes its way, and neither its end nor a failure here touches the other.</summary>
    private void PlanRefill(TrustedView view)
    {
        if (_drawer is not null && Interlocked.Exchange(ref _refillPlanned, 1) is 0)
        {
            _ = RefillWhenLowAsync(view, _closed);
        }
    }

    private async Task RefillWhenLowAsync(TrustedView view, CancellationToken closing)
    {
        try
        {
            if (await CountAsync(view, closing).ConfigureAwait(false) >= _options.TokenReserve)
            {
                return;
            }

            // Exponential: however long nothing happened, nothing says when it will.
            double uniform = (RandomNumberGenerator.GetInt32(int.MaxValue) + 1.0) / int.MaxValue;
            TimeSpan delay = TimeSpan.FromSeconds(Math.Min(-Math.Log(uniform), 20) * _options.RefillDelay.TotalSeconds);
            await Task.Delay(delay, _time, closing).ConfigureAwait(false);
            await FillAsync(closing).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException or ObjectDisposedException or IOException or UnauthorizedAccessException)
        {
            // Nobody waits for this: the next request plans again, and an empty wallet says what is wrong.
        }
        finally
        {
            Volatile.Write(ref _refillPlanned, 0);
        }
    }
}

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

    /// <summary>The same by type: the one that tokens are drawn of first, even when there is none of it yet; then what is left of others.</summary>
    public async Task<IReadOnlyList<TokenStock>> ListAsync(CancellationToken cancellationToken)
    {
        TrustedView view = await _view(cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<TokenKind, int> counts = await _wallet.CountAsync(cancellationToken).ConfigureAwait(false);
        TokenType? drawn = view.TypeInForce(_time.GetUtcNow());
        return
        [
            .. view.SpendableKinds()
                .GroupBy(spendable => spendable.Type, spendable => counts.GetValueOrDefault(spendable.Kind))
                .Select(type => new TokenStock(type.Key.Id, type.Key.Name, type.Sum(), type.Key == drawn))
                .Where(stock => stock.IsDrawn || stock.Count > 0)
                .OrderByDescending(stock => stock.IsDrawn),
        ];
    }

    /// <summary>True when fewer than <see cref="VeilOptions.TokenReserve"/> tokens are left for a view that asks for them.</summary>
    public async Task<bool> IsLowAsync(CancellationToken cancellationToken)
    {
        TrustedView view = await _view(cancellationToken).ConfigureAwait(false);
        return view.AsksForTokens && await CountAsync(view, cancellationToken).ConfigureAwait(false) < _options.TokenReserve;
    }

    /// <summary>Draws up to <see cref="VeilOptions.TokenTarget"/> and returns how many were drawn.</summary>
    /// <exception cref="VeilException">None could be drawn, although some are missing.</exception>
    public async Task<int> FillAsync(CancellationToken cancellationToken)
    {
        TrustedView view = await _view(cancellationToken).ConfigureAwait(false);
        return await FillAsync(view, together: 0, cancellationToken).ConfigureAwait(false);
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

    /// <summary>The tokens for the first sending of a request, their marks on the disk; a wallet without so many may be filled for it.</summary>
    /// <exception cref="VeilException">The wallet has too few and may not, or could not, be filled.</exception>
    internal async Task<IReadOnlyList<WalletToken>> TakeAsync(TrustedView view, int count, CancellationToken cancellationToken) =>
        await TakeHeldAsync(view, count, cancellationToken).ConfigureAwait(false)
        ?? await DrawAndTakeAsync(view, count, cancellationToken).ConfigureAwait(false)
        ?? throw new VeilException(VeilFailure.NoToken, Hop.Client, $"the wallet has no {(count is 1 ? "token" : $"{count} tokens of one key")} for this gateway; run \"veil tokens fill\".");

    /// <summary>
    /// Tokens that the wallet holds, their marks on the disk; null when there are too few. A second sending follows from an answer, so it takes from here
    /// alone: whoever forges a refusal must not bring about a draw.
    /// </summary>
    internal async Task<IReadOnlyList<WalletToken>?> TakeHeldAsync(TrustedView view, int count, CancellationToken cancellationToken)
    {
        IReadOnlyList<WalletToken>? tokens = await TakeAnyAsync(view, count, cancellationToken).ConfigureAwait(false);
        PlanRefill(view);
        return tokens;
    }

    /// <summary>Fills a wallet that holds too few and takes from it, again where others took what a fill had brought.</summary>
    private async Task<IReadOnlyList<WalletToken>?> DrawAndTakeAsync(TrustedView view, int count, CancellationToken cancellationToken)
    {
        if (!_options.DrawWhenEmpty || _drawer is null)
        {
            return null;
        }

        Interlocked.Add(ref _waiting, count);
        try
        {
            IReadOnlyList<WalletToken>? tokens = null;
            for (int fills = 0; tokens is null && fills < MostFills; fills++)
            {
                await FillAsync(view, together: count, cancellationToken).ConfigureAwait(false);
                tokens = await TakeAnyAsync(view, count, cancellationToken).ConfigureAwait(false);
            }

            return tokens;
        }
        finally
        {
            Interlocked.Add(ref _waiting, -count);
        }
    }

    /// <summary>All of one kind, so that the tokens of a request do not tell what else the wallet holds.</summary>
    private async Task<IReadOnlyList<WalletToken>?> TakeAnyAsync(TrustedView view, int count, CancellationToken cancellationToken)
    {
        // Keys that are about to retire first: the directory lists the newest first.
        foreach ((TokenKind kind, _) in view.SpendableKinds().Reverse())
        {
            if (await _wallet.TakeAsync(kind, count, cancellationToken).ConfigureAwait(false) is { } tokens)
            {
                return tokens;
            }
        }

        return null;
    }

    private async Task<int> CountAsync(TrustedView view, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<TokenKind, int> counts = await _wallet.CountAsync(cancellationToken).ConfigureAwait(false);
        return view.SpendableKinds().Sum(spendable => counts.GetValueOrDefault(spendable.Kind));
    }

    /// <summary>
    /// One fill at a time, up to the target or to what callers wait for. With <paramref name="together"/> above 0 only where no kind has so many: whoever waited for
    /// another's fill then finds the wallet filled and draws nothing.
    /// </summary>
    private async Task<int> FillAsync(TrustedView view, int together, CancellationToken cancellationToken)
    {
        if (_drawer is null)
        {
            throw new VeilException(VeilFailure.NoToken, Hop.Client, "no Issuer is set to draw tokens from.");
        }

        await _filling.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            IReadOnlyDictionary<TokenKind, int> counts = await _wallet.CountAsync(cancellationToken).ConfigureAwait(false);
            int[] present = [.. view.SpendableKinds().Select(spendable => counts.GetValueOrDefault(spendable.Kind))];
            if (together > 0 && present.Any(count => count >= together))
            {
                return 0;
            }

            // What is left of other kinds does not help a request whose tokens are all of one.
            int missing = Math.Max(Math.Max(_options.TokenTarget, Volatile.Read(ref _waiting)) - present.Sum(), together);
            return missing > 0 ? await _drawer.DrawAsync(view, missing, _wallet, cancellationToken).ConfigureAwait(false) : 0;
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

            await Task.Delay(RandomDelay.Exponential(_options.RefillDelay), _time, closing).ConfigureAwait(false);
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

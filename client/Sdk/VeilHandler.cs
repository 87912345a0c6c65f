using System.Net;
using System.Net.Http.Headers;
using Veil.Bhttp;
using Veil.PrivacyPass;

namespace Veil.ClientSdk;

/// <summary>
/// Sends what HttpClient gives it privately: <c>new HttpClient(new VeilHandler(options))</c>, then ordinary requests to https://service/….
/// The relay learns that this machine uses the gateway; the gateway and its hosts learn the request and not who sent it.
/// Failures are <see cref="VeilException"/>; a streamed answer that ends early throws <see cref="HttpIOException"/> from its stream.
/// </summary>
public sealed class VeilHandler : HttpMessageHandler
{
    private const string DateProblem = "https://iana.org/assignments/http-problem-types#date";

    /// <summary>Longest problem document that is looked at, in bytes; a date problem has a few hundred.</summary>
    private const int MaxProblem = 4 << 10;

    private readonly VeilOptions _options;
    private readonly TimeProvider _time;
    private readonly OuterHttp _outer;
    private readonly TrustedViewCache _views;
    private readonly HeaderAllowList _headers;
    private readonly JsonFieldFilter _filter;

    /// <summary>Takes options that have no problem; connects to nobody yet.</summary>
    /// <exception cref="ArgumentException">The options have problems; the message lists all of them.</exception>
    public VeilHandler(VeilOptions options)
        : this(options, TimeProvider.System)
    {
    }

    internal VeilHandler(VeilOptions options, TimeProvider time)
    {
        if (VeilOptionsValidator.Problems(options) is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        _options = options;
        _time = time;
        _outer = new OuterHttp(options);
        IViewMaker maker = options.TrustBundleFile is { } file ? new EpochViewMaker(options, TrustBundleFile.Read(file), _outer, time) : new SignedViewMaker(options, _outer, time);
        _views = new TrustedViewCache(maker, options.ViewLifetime, time);
        _headers = new HeaderAllowList(options.AllowedHeaders);
        _filter = new JsonFieldFilter(options.BodyRules);
        TokenDrawer? drawer = options.Issuer is null ? null : new TokenDrawer(options, _outer, time);
        Tokens = options.WalletFile is null ? null : new TokenSupply(options, drawer, _views.GetAsync, time);
    }

    /// <summary>The wallet and what fills it; null without <see cref="VeilOptions.WalletFile"/>.</summary>
    public TokenSupply? Tokens { get; }

    /// <summary>The view that requests rely on, made now if there is none.</summary>
    /// <exception cref="VeilException">A hop did not answer, or what it answered does not agree.</exception>
    public async Task<TrustedView> GetViewAsync(CancellationToken cancellationToken) => await _views.GetAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        TrustedView view = await _views.GetAsync(cancellationToken).ConfigureAwait(false);
        InnerRequest inner = await InnerRequest.PrepareAsync(request, _options, _headers, _filter, cancellationToken).ConfigureAwait(false);
        RequireServed(view, request, inner);
        (view, DrawnHosts? drawn) = await DrawHostsAsync(view, request, inner, cancellationToken).ConfigureAwait(false);
        using (drawn)
        {
            HttpResponseMessage response;
            try
            {
                IReadOnlyList<WalletToken> tokens = TokensFor(view, request, inner) is > 0 and int count ? await Tokens!.TakeAsync(view, count, cancellationToken).ConfigureAwait(false) : [];
                drawn?.Use();
                response = await SendOnceAsync(view, request, inner, tokens, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            }
            catch (VeilException failure) when (failure.Failure is VeilFailure.KeyRejected or VeilFailure.DirectoryMismatch)
            {
                (view, response) = await SendAgainAsync(failure, view, drawn, request, inner, cancellationToken).ConfigureAwait(false);
            }

            return await FindClockOffsetAsync(response, cancellationToken).ConfigureAwait(false) is { } offset
                ? await CorrectDateAsync(view, request, inner, response, offset, cancellationToken).ConfigureAwait(false)
                : response;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Tokens?.Dispose();
            _views.Dispose();
            _outer.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool IsOwnDocument(TrustedView view, InnerRequest inner) => view.Authority.Equals(inner.Authority, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// After a directory mismatch nothing has left yet. A request whose key was refused goes again only when both the relay's mirror and the gateway
    /// itself now show other keys, which no forged refusal can bring about.
    /// </summary>
    private static bool MayGoAgain(VeilException failure, InnerRequest inner, TrustedView before, TrustedView now) =>
        failure.Failure is VeilFailure.DirectoryMismatch || (inner.IsRepeatable && now.HasOtherKeys(before));

    /// <summary>
    /// A request has a draw of its own, and keeps it until the epoch changes, however often it is sent. A draw that does not come may be one of an epoch that the gateway
    /// serves no more: the view is looked at again, once a lifetime, and only another epoch gives another draw.
    /// </summary>
    private async Task<(TrustedView View, DrawnHosts? Drawn)> DrawHostsAsync(TrustedView view, HttpRequestMessage request, InnerRequest inner, CancellationToken cancellationToken)
    {
        if (view.Draws is not { } draws || IsOwnDocument(view, inner))
        {
            return (view, null);
        }

        try
        {
            return (view, await draws.TakeAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (VeilException)
        {
            TrustedView? other = await _views.ReplaceAsync(view, cancellationToken).ConfigureAwait(false);
            if (other is null || other.Draws == draws)
            {
                throw;
            }

            RequireServed(other, request, inner);
            return (other, other.Draws is { } newer ? await newer.TakeAsync(cancellationToken).ConfigureAwait(false) : null);
        }
    }

    /// <summary>By another view, where there is one and it may be: with the hosts of the first sending, unless the epoch is another.</summary>
    private async Task<(TrustedView View, HttpResponseMessage Response)> SendAgainAsync(
        VeilException failure, TrustedView view, DrawnHosts? drawn, HttpRequestMessage request, InnerRequest inner, CancellationToken cancellationToken)
    {
        TrustedView? other = await _views.ReplaceAsync(view, cancellationToken).ConfigureAwait(false);
        if (other is null || !MayGoAgain(failure, inner, view, other))
        {
            throw failure;
        }

        RequireServed(other, request, inner);
        using DrawnHosts? own = other.Draws == view.Draws ? drawn
            : other.Draws is { } draws && !IsOwnDocument(other, inner) ? await draws.TakeAsync(cancellationToken).ConfigureAwait(false) : null;
        int count = TokensFor(other, request, inner);
        IReadOnlyList<WalletToken> tokens = count is 0 ? []
            : failure.Failure is VeilFailure.DirectoryMismatch ? await Tokens!.TakeAsync(other, count, cancellationToken).ConfigureAwait(false)
            : await TakeForSecondSendingAsync(other, count, failure, cancellationToken).ConfigureAwait(false);
        own?.Use();
        return (other, await SendOnceAsync(other, request, inner, tokens, TimeSpan.Zero, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What is wrong with the request itself costs neither token nor draw.</summary>
    /// <exception cref="VeilException">The view names no such service, or the service takes no request of so many units.</exception>
    private void RequireServed(TrustedView view, HttpRequestMessage request, InnerRequest inner)
    {
        if (!view.Serves(inner.Authority) && !IsOwnDocument(view, inner))
        {
            throw new VeilException(VeilFailure.UnknownService, Hop.Client, $"the gateway does not serve {inner.Authority}; it serves {string.Join(", ", view.Services)}.");
        }

        _ = TokensFor(view, request, inner);
    }

    /// <summary>The tokens that a request carries: those of the units that hold its content, or of the units that the caller asked for where these are more.</summary>
    /// <exception cref="VeilException">The service takes no request of so many units, or the caller asked for a number that is no step.</exception>
    private int TokensFor(TrustedView view, HttpRequestMessage request, InnerRequest inner)
    {
        if (Tokens is null || IsOwnDocument(view, inner) || view.Price(inner.Authority) is not { Tokens: > 0 } price)
        {
            return 0;
        }

        int asked = request.Options.TryGetValue(VeilRequestOptions.Units, out int units) ? units : 1;
        if (!VeilRequestOptions.IsStep(asked))
        {
            throw new VeilException(VeilFailure.RequestRefused, Hop.Client, $"Units: found {asked}; allowed is 1, 2, 4, 8, 16 or 32.");
        }

        long needed = Math.Max(asked, price.UnitsFor(inner.Length ?? 0));
        return needed <= price.MaxUnits
            ? (int)needed * price.Tokens
            : throw new VeilException(
                VeilFailure.RequestRefused, Hop.Client, $"{inner.Authority} takes at most {price.MaxUnits} units of work a request, of {price.RequestBytes} bytes each; this one needs {needed}.");
    }

    /// <summary>Tokens that are here already; without them, what stopped the first sending stays what happened.</summary>
    private async Task<IReadOnlyList<WalletToken>> TakeForSecondSendingAsync(TrustedView view, int count, VeilException first, CancellationToken cancellationToken) =>
        await Tokens!.TakeHeldAsync(view, count, cancellationToken).ConfigureAwait(false) ?? throw first;

    /// <summary>One encapsulation, with a context, a date and tokens of its own.</summary>
    private async Task<HttpResponseMessage> SendOnceAsync(
        TrustedView view, HttpRequestMessage request, InnerRequest inner, IReadOnlyList<WalletToken> tokens, TimeSpan clockOffset, CancellationToken cancellationToken)
    {
        RequestHead head = inner.Head(
            InnerDate.Write(_time.GetUtcNow() + clockOffset, _options.DateJitter),
            tokens.Select(token => PrivateTokenAuthorization.Write(token.Bytes.Span)));
        if (_options.Chunked)
        {
            return await new ChunkedExchange(_options, _outer).SendAsync(view.Key, request, head, inner, cancellationToken).ConfigureAwait(false);
        }

        BinaryResponse answer = await new PlainExchange(_options, _outer)
            .SendAsync(view.Key, new BinaryRequest(head, inner.Body), cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response = InnerResponse.Write(request, answer.Head, new ReadOnlyMemoryContent(answer.Content));
        if (answer.Trailers is { } trailers)
        {
            InnerResponse.AddTrailers(response, trailers);
        }

        return response;
    }

    /// <summary>How far the gateway's clock is ahead, when the answer is its date problem (RFC 9458 section 6.5.2); null for any other answer.</summary>
    private async Task<TimeSpan?> FindClockOffsetAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is not HttpStatusCode.BadRequest || response.Content.Headers.ContentType?.MediaType is not OuterAnswer.ProblemMediaType)
        {
            return null;
        }

        try
        {
            // Whatever it turns out to be stays readable for the caller, and streams on behind what was looked at.
            HttpContent content = response.Content;
            Stream rest = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var start = new byte[MaxProblem];
            int size = await rest.ReadAtLeastAsync(start, MaxProblem, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            response.Content = new StreamContent(new PrecededStream(start.AsMemory(0, size), rest));
            foreach ((string name, HeaderStringValues values) in content.Headers.NonValidated)
            {
                response.Content.Headers.TryAddWithoutValidation(name, values);
            }

            string? date = response.Headers.NonValidated.TryGetValues("Date", out HeaderStringValues dates) ? dates.ToString() : null;
            return OuterAnswer.ProblemType(start.AsMemory(0, size)) is DateProblem && InnerDate.TryReadOffset(date, _time.GetUtcNow(), out TimeSpan offset) ? offset : null;
        }
        catch (Exception failure)
        {
            response.Dispose();
            if (failure is IOException)
            {
                throw new VeilException(VeilFailure.BadAnswer, Hop.Gateway, "the answer ended, or did not open, within its problem document.", failure);
            }

            throw;
        }
    }

    private async Task<HttpResponseMessage> CorrectDateAsync(
        TrustedView view, HttpRequestMessage request, InnerRequest inner, HttpResponseMessage refused, TimeSpan offset, CancellationToken cancellationToken)
    {
        refused.Dispose();
        var failure = new VeilException(
            VeilFailure.ClockRefused, Hop.Gateway, $"this machine's clock is about {offset.TotalSeconds:+0;-0} s away from the gateway's; set it.");
        if (!inner.IsRepeatable)
        {
            throw failure;
        }

        IReadOnlyList<WalletToken> tokens = TokensFor(view, request, inner) is > 0 and int count
            ? await TakeForSecondSendingAsync(view, count, failure, cancellationToken).ConfigureAwait(false)
            : [];
        HttpResponseMessage second = await SendOnceAsync(view, request, inner, tokens, offset, cancellationToken).ConfigureAwait(false);
        if (await FindClockOffsetAsync(second, cancellationToken).ConfigureAwait(false) is null)
        {
            return second;
        }

        second.Dispose();
        throw failure;
    }
}

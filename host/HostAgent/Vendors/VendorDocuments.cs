using System.Net;
using Microsoft.Extensions.Logging;
using Veil.Attestation;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Vendors;

/// <summary>
/// Manufacturers' answers: from memory or the disk while they are young, else fetched, and the old one again where that fails. Asked by the one who makes identities, one
/// question after another.
/// </summary>
/// <param name="options">Addresses, limits and the folder.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Told when an old answer has to do.</param>
/// <param name="stopping">Ends a call when the process is to end.</param>
internal sealed class VendorDocuments(VendorOptions options, TimeProvider clock, ILogger logger, CancellationToken stopping) : IDisposable
{
    /// <summary>Longest answer in bytes, its fields aside. TCB info has 16 KiB, a list at most 64 KiB.</summary>
    public const int MaxAnswerSize = 128 * 1024;

    /// <summary>After a failure the old answer does for so long: a service that is down is not asked at every epoch of a few seconds.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http = new(OutboundHandler.Create(options.Tls.ToAuthenticationOptions(), options.LocalAddress))
    {
        Timeout = options.Timeout,
        MaxResponseContentBufferSize = MaxAnswerSize,
    };

    private readonly VendorCacheFolder _folder = new(options.CacheFolder);
    private readonly Dictionary<Uri, Known> _known = [];

    /// <summary>The answer to a question.</summary>
    /// <exception cref="AttesterException">It was never answered, and is not now.</exception>
    public IReadOnlyList<Endorsement> Get(VendorRequest request)
    {
        DateTimeOffset now = clock.GetUtcNow();
        Known? known = _known.GetValueOrDefault(request.Url) ?? (_folder.Read(request) is { } kept ? new(kept, AskAt(request, kept)) : null);
        if (known is null || now >= known.AskAgainAt || now < known.Answer.FetchedAt)
            _known[request.Url] = known = Renew(request, known?.Answer, now);
        return known.Answer.Endorsements;
    }

    public void Dispose() => _http.Dispose();

    private Known Renew(VendorRequest request, VendorAnswer? old, DateTimeOffset now)
    {
        try
        {
            VendorAnswer answer = Fetch(request, now);
            if (!_folder.TryWrite(request, answer))
                logger.CollateralNotKept();
            return new(answer, AskAt(request, answer));
        }
        catch (AttesterException) when (old is not null)
        {
            logger.CollateralNotFetched((now - old.FetchedAt).TotalHours);
            return new(old, now + RetryAfter);
        }
    }

    private DateTimeOffset AskAt(VendorRequest request, VendorAnswer answer) => request.IsConstant || answer.FetchedAt > DateTimeOffset.MaxValue - options.MaxAge ? DateTimeOffset.MaxValue : answer.FetchedAt + options.MaxAge;

    private VendorAnswer Fetch(VendorRequest request, DateTimeOffset now)
    {
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, request.Url);
            using HttpResponseMessage answer = _http.Send(question, HttpCompletionOption.ResponseContentRead, stopping);
            if (answer.StatusCode is not HttpStatusCode.OK)
                throw Refusal(request, $"answered with status {(int)answer.StatusCode}");

            using var body = new MemoryStream();
            answer.Content.CopyTo(body, context: null, stopping);
            string? chain = request.ChainField is { } field && answer.Headers.TryGetValues(field, out IEnumerable<string>? values) ? string.Concat(values) : null;
            return VendorAnswer.Read(request, body.ToArray(), chain, now) ?? throw Refusal(request, $"answered with something that is no {request.MediaType}");
        }
        catch (HttpRequestException failure)
        {
            throw Refusal(request, failure.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded ? $"answered with more than {MaxAnswerSize} bytes" : $"cannot be reached ({failure.HttpRequestError})", failure);
        }
        catch (OperationCanceledException failure) when (!stopping.IsCancellationRequested)
        {
            throw Refusal(request, $"did not answer within {options.Timeout.TotalSeconds:0.#} s", failure);
        }
    }

    /// <summary>Names the service and what was asked, but not the query, which names the machine.</summary>
    private static AttesterException Refusal(VendorRequest request, string what, Exception? cause = null)
    {
        string message = $"the manufacturer's collateral is missing: {request.Url.GetLeftPart(UriPartial.Authority)} {what} (check Attester:Vendors, or keep the files yourself: CollateralFolder, EndorsementFiles)";
        return cause is null ? new(message) : new(message, cause);
    }

    /// <param name="Answer">The last good answer.</param>
    /// <param name="AskAgainAt">When it is too old.</param>
    private sealed record Known(VendorAnswer Answer, DateTimeOffset AskAgainAt);
}

using System.Collections.Frozen;
using System.Globalization;
using Veil.Bhttp;
using Veil.Gateway.Replay;
using Veil.Gateway.Services;
using Veil.Gateway.Tokens;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Inner;

/// <summary>What happens to every request once it is opened: Date, route, answer; and refusals as answers inside the encapsulation.</summary>
internal sealed class InnerPipeline
{
    private readonly FrozenDictionary<string, IInnerDestination> _destinations;
    private readonly ReplayWindow _window;
    private readonly TokenGate _gate;
    private readonly TimeProvider _time;

    public InnerPipeline(IEnumerable<IInnerDestination> destinations, ServiceRoutes services, ReplayWindow window, TokenGate gate, TimeProvider time)
    {
        _destinations = destinations.Concat(services.All).ToFrozenDictionary(destination => destination.Authority, StringComparer.OrdinalIgnoreCase);
        _window = window;
        _gate = gate;
        _time = time;
    }

    /// <summary>Answers the request, with a problem where it is refused.</summary>
    /// <returns>What was refused. After a refusal the answer may be started and not complete: the exchange then ends as an error.</returns>
    public async ValueTask<Refusal> AnswerAsync(InnerRequest request, InnerAnswer answer, CancellationToken cancellationToken)
    {
        Refusal refusal = Route(request.Head, out IInnerDestination? destination);
        if (refusal is Refusal.None)
            refusal = await destination!.AnswerAsync(request, answer, cancellationToken);
        if (refusal is not (Refusal.None or Refusal.RequestAborted) && !answer.HasStarted)
            await RefuseAsync(answer, refusal, cancellationToken);
        return refusal;
    }

    /// <summary>Answers with the problem of a refusal.</summary>
    public ValueTask RefuseAsync(InnerAnswer answer, Refusal refusal, CancellationToken cancellationToken)
    {
        Problem problem = ProblemMapping.For(refusal);
        FieldSection fields = new FieldSection().Add("content-type", Problem.MediaType).Add("cache-control", "no-store");
        if (refusal is Refusal.DateOutsideWindow)
            fields.Add("date", _time.GetUtcNow().ToString("r", CultureInfo.InvariantCulture));
        if (refusal is Refusal.TokenRequired && _gate.ChallengeField.Length > 0)
            fields.Add("www-authenticate", _gate.ChallengeField);
        return answer.AnswerAsync(new ResponseHead(problem.Status, fields), problem.Body, cancellationToken);
    }

    private Refusal Route(RequestHead head, out IInnerDestination? destination)
    {
        string authority = head.Authority;
        if (authority.Length is 0 && head.Headers.TryGet("host", out string? host))
            authority = host;
        if (!_destinations.TryGetValue(authority, out destination))
            return Refusal.UnknownAuthority;
        if (head.Scheme is not "https")
            return Refusal.MalformedRequest;
        if (head.Headers.Contains("expect"))
            return Refusal.ExpectationFailed;
        return CheckDate(head.Headers, destination.NeedsDate);
    }

    private Refusal CheckDate(FieldSection fields, bool isNeeded)
    {
        if (!fields.TryGet("date", out string? text))
            return isNeeded ? Refusal.DateOutsideWindow : Refusal.None;
        return ImfFixdate.TryParse(text, out DateTimeOffset date) && _window.Accepts(date)
            ? Refusal.None
            : Refusal.DateOutsideWindow;
    }
}

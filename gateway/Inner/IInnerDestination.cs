namespace Veil.Gateway.Inner;

/// <summary>What an inner authority leads to: this gateway's own documents, or the hosts of a service.</summary>
internal interface IInnerDestination
{
    /// <summary>The authority that inner requests name.</summary>
    string Authority { get; }

    /// <summary>True when a request must carry a Date: it has effects, and without one a replay could be told only while it is remembered.</summary>
    bool NeedsDate { get; }

    /// <summary>Answers a request, or says why not. A refusal after the answer's head was given makes the exchange end as an error.</summary>
    ValueTask<Refusal> AnswerAsync(InnerRequest request, InnerAnswer answer, CancellationToken cancellationToken);
}

namespace Veil.Issuer;

/// <summary>
/// Tells who asks for tokens: the attester's part of issuance (RFC 9576 section 3.3), on this machine. The one kind of proof that a request carries decides;
/// what one attester refuses, no other is asked about.
/// </summary>
internal sealed class AccountAttestation(IEnumerable<IAttester> attesters) : IDisposable
{
    private readonly IAttester[] _attesters = [.. attesters];

    /// <summary>
    /// The account that the request comes from, with its quota; or the problem to refuse it with. The fields that belong to a refusal
    /// (<c>WWW-Authenticate</c>, <c>Retry-After</c>) are set.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store cannot tell.</exception>
    public async ValueTask<Attested> AttestAsync(HttpContext context)
    {
        Attested attested = Problems.UnknownAccount;
        foreach (IAttester attester in _attesters)
        {
            if (await attester.AttestAsync(context).ConfigureAwait(false) is not { } judged)
                continue;
            attested = judged;
            break;
        }

        if (attested.Refusal == Problems.UnknownAccount)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        else if (attested.Refusal == Problems.AttesterUnavailable)
            context.Response.Headers.RetryAfter = "5";
        return attested;
    }

    public void Dispose()
    {
        foreach (IDisposable attester in _attesters.OfType<IDisposable>())
        {
            attester.Dispose();
        }
    }
}

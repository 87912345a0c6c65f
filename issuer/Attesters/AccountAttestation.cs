namespace Veil.Issuer;

/// <summary>
/// Tells who asks for tokens: the attester's part of issuance (RFC 9576 section 3.3), on this machine. The one kind of proof that a request carries decides;
/// what one attester refuses, no other is asked about.
/// </summary>
internal sealed class AccountAttestation(IEnumerable<IAttester> attesters) : IDisposable
{
    private readonly IAttester[] _attesters = [.. attesters];

    /// <summary>
    /// The account that the request comes from, with its quota; or the problem to refuse it with. A refusal for want of a proof has set <c>WWW-Authenticate</c>.
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

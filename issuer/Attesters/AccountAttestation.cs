namespace Veil.Issuer;

/// <summary>Tells who asks for tokens: the attester's part of issuance (RFC 9576 section 3.3), on this machine.</summary>
internal sealed class AccountAttestation(AccountStore accounts, IssuanceOptions options)
{
    /// <summary>
    /// The account that the request comes from, with its quota; or the problem to refuse it with. A refusal for want of a proof has set <c>WWW-Authenticate</c>.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store cannot tell.</exception>
    public ValueTask<Attested> AttestAsync(HttpContext context)
    {
        if (!Bearer.TryRead(context.Request.Headers, out string? credential)
            || !ApiKey.TryParse(credential, out ApiKey? key)
            || !accounts.TryAuthenticate(key, out Account? account))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return new(Problems.UnknownAccount);
        }

        return new(account.IsDisabled ? Problems.AccountDisabled : new AttestedAccount(account.Id, account.Quota ?? options.DefaultQuota));
    }
}

using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>
/// Accounts with a TLS client certificate. The handshake has proven that the client holds its key. A gateway's certificate is never an account's,
/// whoever issued it.
/// </summary>
internal sealed class CertificateAttester : IAttester
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly IAccountStore _accounts;
    private readonly AttestedIdentities _identities;
    private readonly IdentityKey _identityKey;
    private readonly GatewayAuthentication _gateways;
    private readonly CertificateOptions _options;
    private readonly TimeProvider _clock;
    private readonly X509Certificate2Collection _authorities;

    /// <summary>What was found out about the certificates of open connections: a chain is built once for each.</summary>
    private readonly ConditionalWeakTable<X509Certificate2, Examined> _examined = [];

    /// <exception cref="StartupException">The authorities cannot be read.</exception>
    public CertificateAttester(
        IAccountStore accounts, AttestedIdentities identities, IdentityKey identityKey, GatewayAuthentication gateways, CertificateOptions options, TimeProvider clock)
    {
        _accounts = accounts;
        _identities = identities;
        _identityKey = identityKey;
        _gateways = gateways;
        _options = options;
        _clock = clock;
        _authorities = options.TrustedRootsFile is { } file ? PemCertificate.LoadRoots(file) : [];
    }

    public async ValueTask<Attested?> AttestAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count > 0 || context.Connection.ClientCertificate is not { } certificate)
            return null;
        if (_gateways.IsPinned(certificate))
            return Problems.UnknownAccount;

        Examined examined = _examined.GetValue(certificate, Examine);
        if (await _accounts.FindAsync(examined.KeyIdentity).ConfigureAwait(false) is { Account: { } added })
            return await _identities.AttestAsync(added, _options.Class, _options.OnlyAdded).ConfigureAwait(false);

        bool isVouchedFor = examined.SubjectIdentity is not null && _clock.GetUtcNow() is var now && examined.NotBefore <= now && now < examined.NotAfter;
        return isVouchedFor
            ? await _identities.AttestAsync(new Account(examined.SubjectIdentity!, AttesterKind.Certificate), _options.Class, _options.OnlyAdded).ConfigureAwait(false)
            : Problems.UnknownAccount;
    }

    private Examined Examine(X509Certificate2 certificate) => new(
        _identityKey.OfCertificateKey(GatewayAuthentication.SpkiHash(certificate)),
        IsIssuedByAnAuthority(certificate) ? _identityKey.OfCertificateSubject(certificate.SubjectName.RawData) : null,
        certificate.NotBefore,
        certificate.NotAfter);

    /// <summary>Nothing is fetched; a certificate without a name is nobody.</summary>
    private bool IsIssuedByAnAuthority(X509Certificate2 certificate)
    {
        if (_authorities.Count == 0 || certificate.SubjectName.Name.Length == 0)
            return false;

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = _clock.GetUtcNow().UtcDateTime;
        foreach (X509Certificate2 authority in _authorities)
        {
            bool isRoot = authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData);
            (isRoot ? chain.ChainPolicy.CustomTrustStore : chain.ChainPolicy.ExtraStore).Add(authority);
        }

        return chain.Build(certificate);
    }

    /// <param name="KeyIdentity">Of the holder of its key.</param>
    /// <param name="SubjectIdentity">Of whom the authorities mean, or null when none of them issued it.</param>
    /// <param name="NotBefore">First instant of its validity.</param>
    /// <param name="NotAfter">Last instant of its validity.</param>
    private sealed record Examined(string KeyIdentity, string? SubjectIdentity, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
}

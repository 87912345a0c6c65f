using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.KeyStore;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>The options of a command that name an identity which others vouch for.</summary>
internal sealed class IdentityOptions
{
    private readonly Option<string?> _subject = new("--oidc-subject") { Description = "The `sub` of an OpenID Connect provider's tokens.", HelpName = "SUB" };

    private readonly Option<string?> _issuer = new("--oidc-issuer") { Description = "Which provider. Default: the one that is configured.", HelpName = "URL" };

    private readonly Option<string?> _certificate = new("--certificate") { Description = "PEM file with a client certificate: whoever holds its key.", HelpName = "FILE" };

    private readonly Option<string?> _named = new("--certificate-subject")
    {
        Description = "PEM file with a client certificate: whomever Attesters:Certificate:TrustedRootsFile issues a certificate with its subject to.",
        HelpName = "FILE",
    };

    public IdentityOptions(Command command)
    {
        foreach (Option option in (Option[])[_subject, _issuer, _certificate, _named])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The identity as an account without a name, or null when the command line names none.</summary>
    /// <exception cref="StartupException">It names several, or one that cannot be.</exception>
    public Account? Read(ParseResult parsed, IServiceProvider services, OpenAccounts accounts)
    {
        string?[] given = [parsed.GetValue(_subject), parsed.GetValue(_certificate), parsed.GetValue(_named)];
        if (given.Count(value => value is not null) > 1)
            throw new StartupException("give one of --oidc-subject, --certificate and --certificate-subject");
        if (given.All(value => value is null))
            return parsed.GetValue(_issuer) is null ? null : throw new StartupException("--oidc-issuer comes with --oidc-subject");

        using WrappingKey wrappingKey = WrappingKey.From(services.GetRequiredService<IssuerKeyOptions>().Store);
        using IdentityKey key = IdentityKey.OpenAsync(accounts.Store, wrappingKey).GetAwaiter().GetResult();
        AttesterOptions options = services.GetRequiredService<AttesterOptions>();
        if (given[0] is { } subject)
            return new Account(key.OfOpenIdConnect(Provider(options, parsed.GetValue(_issuer)), subject), AttesterKind.OpenIdConnect);

        using X509Certificate2 certificate = Load((given[1] ?? given[2])!);
        if (services.GetRequiredService<GatewayAuthentication>().IsPinned(certificate))
            throw new StartupException("this certificate is a gateway's; an account has one of its own");
        string id = given[1] is null ? key.OfCertificateSubject(certificate.SubjectName.RawData) : key.OfCertificateKey(GatewayAuthentication.SpkiHash(certificate));
        return new Account(id, AttesterKind.Certificate);
    }

    private static string Provider(AttesterOptions options, string? issuer)
    {
        string[] known = [.. options.OpenIdConnect.Select(provider => provider.Issuer!.OriginalString)];
        if (known.Length == 0)
            throw new StartupException("Attesters:OpenIdConnect has no provider yet");
        if (issuer is null)
            return known.Length == 1 ? known[0] : throw new StartupException($"{known.Length} OpenID Connect providers are configured: name one with --oidc-issuer");
        return known.Contains(issuer) ? issuer : throw new StartupException($"Attesters:OpenIdConnect has no provider \"{issuer}\"");
    }

    private static X509Certificate2 Load(string file)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"no certificate can be read from {file}: {e.Message}", e);
        }
    }
}

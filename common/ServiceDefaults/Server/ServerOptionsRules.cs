using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>A certificate comes with its key, and a public listener without TLS is asked for by name.</summary>
internal sealed class ServerOptionsRules(IEnumerable<OwnServerTls> ownTls) : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        if (options.CertificateFile is null != options.KeyFile is null)
        {
            string missing = options.CertificateFile is null ? nameof(options.CertificateFile) : nameof(options.KeyFile);
            return Refuse(missing, "CertificateFile and KeyFile together");
        }
        return options is { CertificateFile: null, AllowPlaintext: false } && !ownTls.Any()
            ? Refuse(nameof(options.CertificateFile), "a PEM certificate with KeyFile (or Server:AllowPlaintext true, without TLS)")
            : ValidateOptionsResult.Success;
    }

    private static ValidateOptionsResult Refuse(string property, string allowed) =>
        ValidateOptionsResult.Fail(new OptionProblem($"{ServerOptions.Section}:{property}", "nothing", allowed).ToString());
}

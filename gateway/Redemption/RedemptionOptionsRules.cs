using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Redemption;

/// <summary>Rules across the properties of <see cref="RedemptionOptions"/>.</summary>
internal sealed class RedemptionOptionsRules(IOptions<GatewayOptions> gateway) : IValidateOptions<RedemptionOptions>
{
    public ValidateOptionsResult Validate(string? name, RedemptionOptions options)
    {
        string[] failures = [.. Problems(options, gateway.Value).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(RedemptionOptions options, GatewayOptions gateway)
    {
        if (gateway.Services.All(service => service.TokensPerRequest is 0))
            yield break;
        if (options.Endpoint is null)
            yield return new("Redemption:Endpoint", "nothing", "the issuer's https redemption endpoint: a service asks for tokens");
        if (options.SecretFile is null && options.Tls.ClientCertificateFile is null)
            yield return new("Redemption:SecretFile", "nothing", "a file with the secret that the issuer knows this gateway by (or Redemption:Tls:ClientCertificateFile)");
    }
}

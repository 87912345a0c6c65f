using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Tokens;

/// <summary>Rules across the properties of <see cref="TokenOptions"/>.</summary>
internal sealed class TokenOptionsRules(IOptions<GatewayOptions> gateway) : IValidateOptions<TokenOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        string[] failures = [.. Problems(options, gateway.Value).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(TokenOptions options, GatewayOptions gateway)
    {
        if (options.Issuer is null && gateway.Services.Any(service => service.TokensPerRequest > 0))
            yield return new("Tokens:Issuer", "nothing", "the issuer's https URL: a service asks for tokens");
        if (options.Issuer is { AbsolutePath: not "/" } issuer)
            yield return new("Tokens:Issuer", OptionProblem.Quote(issuer), "an https URL without path");
    }
}

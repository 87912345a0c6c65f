using Microsoft.Extensions.Options;
using Veil.Gateway.Services;
using Veil.ServiceDefaults;

namespace Veil.Gateway;

/// <summary>Rules across the properties of <see cref="GatewayOptions"/>.</summary>
internal sealed class GatewayOptionsRules : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        string[] failures = [.. Problems(options).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(GatewayOptions options)
    {
        if (options.Relays.Count is 0 && !options.AllowAnyRelay)
            yield return new("Gateway:Relays", "nothing", "one relay or more (or Gateway:AllowAnyRelay true, for development)");

        var authorities = new HashSet<string>(StringComparer.Ordinal) { options.Authority };
        for (int i = 0; i < options.Services.Count; i++)
        {
            ServiceOptions service = options.Services[i];
            if (!authorities.Add(service.Authority))
                yield return new($"Gateway:Services:{i}:Authority", OptionProblem.Quote(service.Authority), "an authority that is neither the gateway's nor another service's");
            if (service.MaxTokensPerRequest < service.TokensPerRequest)
                yield return new($"Gateway:Services:{i}:MaxTokensPerRequest", OptionProblem.Quote(service.MaxTokensPerRequest), $"at least TokensPerRequest, {service.TokensPerRequest}");
            if (!FieldAllowList.MayAdd(service, out string? offending))
                yield return new($"Gateway:Services:{i}", $"the field {OptionProblem.Quote(offending)}", "lower-case names of fields that are neither credentials nor about one connection");
        }
    }
}

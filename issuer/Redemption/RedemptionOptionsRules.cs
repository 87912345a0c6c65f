using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Each gateway has one name and one proof, and no two share either.</summary>
internal sealed class RedemptionOptionsRules : IValidateOptions<RedemptionOptions>
{
    public ValidateOptionsResult Validate(string? name, RedemptionOptions options)
    {
        var problems = new List<string>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < options.Gateways.Count; i++)
        {
            GatewayOptions gateway = options.Gateways[i];
            string property = $"{RedemptionOptions.Section}:{nameof(options.Gateways)}:{i}";
            if (gateway.TokenSha256 is null == gateway.CertificateSpkiSha256 is null)
                problems.Add(new OptionProblem(property, gateway.TokenSha256 is null ? "no proof" : "two proofs", "one of TokenSha256 and CertificateSpkiSha256").ToString());
            if (!seen.Add("name " + gateway.Name))
                problems.Add(new OptionProblem(property, OptionProblem.Quote(gateway.Name), "a name that no other gateway has").ToString());
            if (!seen.Add("proof " + (gateway.TokenSha256 ?? gateway.CertificateSpkiSha256)))
                problems.Add(new OptionProblem(property, "another gateway's proof", "a secret or certificate of its own").ToString());
        }

        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}

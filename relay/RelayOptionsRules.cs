using System.Numerics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Relay;

/// <summary>Names that fit a path segment, pairs that belong together.</summary>
internal sealed partial class RelayOptionsRules : IValidateOptions<RelayOptions>
{
    public ValidateOptionsResult Validate(string? name, RelayOptions options)
    {
        List<OptionProblem> problems = [];
        foreach ((string gateway, GatewayOptions settings) in options.Gateways)
        {
            string path = $"{RelayOptions.Section}:{nameof(options.Gateways)}:{gateway}";
            if (!GatewayName().IsMatch(gateway))
                problems.Add(new(path, OptionProblem.Quote(gateway), "a name of 1 to 63 lower-case letters, digits and hyphens"));
            if (settings.Tls.ClientCertificateFile is null != settings.Tls.ClientKeyFile is null)
                problems.Add(new($"{path}:Tls", "only one of the two", "ClientCertificateFile and ClientKeyFile together"));
        }
        if (!BitOperations.IsPow2(options.AddressSlots))
            problems.Add(new($"{RelayOptions.Section}:{nameof(options.AddressSlots)}", OptionProblem.Quote(options.AddressSlots), "a power of two"));
        if (options.MaxBufferedBytes < options.MaxRequestBytes)
            problems.Add(new($"{RelayOptions.Section}:{nameof(options.MaxBufferedBytes)}", OptionProblem.Quote(options.MaxBufferedBytes), "at least MaxRequestBytes"));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.Select(problem => problem.ToString()));
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex GatewayName();
}

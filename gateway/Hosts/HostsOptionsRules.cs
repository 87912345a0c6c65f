using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Hosts;

/// <summary>Rules across the properties of <see cref="HostsOptions"/>.</summary>
internal sealed class HostsOptionsRules(IOptions<GatewayOptions> gateway) : IValidateOptions<HostsOptions>
{
    public ValidateOptionsResult Validate(string? name, HostsOptions options)
    {
        string[] failures = [.. Problems(options, gateway.Value.Services.Count > 0).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(HostsOptions options, bool hasServices)
    {
        if (options.Tls.ClientCertificateFile is null != options.Tls.ClientKeyFile is null)
            yield return new("Hosts:Tls:ClientCertificateFile", "one file of two", "ClientCertificateFile and ClientKeyFile together");
        if (options.Tls.TrustedRootsFile is not null)
            yield return new("Hosts:Tls:TrustedRootsFile", OptionProblem.Quote(options.Tls.TrustedRootsFile), "nothing: hosts are trusted by their evidence");

        foreach (OptionProblem problem in HexProblems("TrustedRoots", options.Attestation.TrustedRoots, 32, hasServices))
            yield return problem;
        foreach (OptionProblem problem in HexProblems("Measurements", options.Attestation.Measurements, 48, hasServices))
            yield return problem;
    }

    private static IEnumerable<OptionProblem> HexProblems(string property, IReadOnlyList<string> values, int size, bool required)
    {
        if (required && values.Count is 0)
            yield return new($"Hosts:Attestation:{property}", "nothing", "one value or more: without it no host is accepted");

        for (int i = 0; i < values.Count; i++)
        {
            if (values[i].Length != 2 * size || !values[i].All(char.IsAsciiHexDigit))
                yield return new($"Hosts:Attestation:{property}:{i}", OptionProblem.Quote(values[i]), $"{2 * size} hexadecimal digits");
        }
    }
}

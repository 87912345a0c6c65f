using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Hosts;

/// <summary>Rules across the properties of <see cref="HostsOptions"/>.</summary>
internal sealed class HostsOptionsRules(IOptions<GatewayOptions> gateway) : IValidateOptions<HostsOptions>
{
    public ValidateOptionsResult Validate(string? name, HostsOptions options)
    {
        string[] failures = [.. Problems(options, [.. gateway.Value.Services.Select(service => service.Authority)]).Select(problem => problem.ToString())];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<OptionProblem> Problems(HostsOptions options, IReadOnlyList<string> services)
    {
        if (options.Tls.ClientCertificateFile is null != options.Tls.ClientKeyFile is null)
            yield return new("Hosts:Tls:ClientCertificateFile", "one file of two", "ClientCertificateFile and ClientKeyFile together");
        if (options.Tls.TrustedRootsFile is not null)
            yield return new("Hosts:Tls:TrustedRootsFile", OptionProblem.Quote(options.Tls.TrustedRootsFile), "nothing: hosts are trusted by their evidence");

        var described = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < options.Attestation.PolicyFiles.Count; i++)
        {
            foreach (OptionProblem problem in FileProblems($"Hosts:Attestation:PolicyFiles:{i}", options.Attestation.PolicyFiles[i], services, described))
                yield return problem;
        }

        bool areShort = services.Any(service => !described.Contains(service));
        foreach (OptionProblem problem in HexProblems("TrustedRoots", options.Attestation.TrustedRoots, 32, areShort))
            yield return problem;
        foreach (OptionProblem problem in HexProblems("Measurements", options.Attestation.Measurements, 48, areShort))
            yield return problem;
    }

    private static IEnumerable<OptionProblem> FileProblems(string property, string file, IReadOnlyList<string> services, HashSet<string> described)
    {
        if (!HostPolicy.TryRead(file, out HostPolicy? policy, out IReadOnlyList<string> problems))
            return problems.Select(problem => new OptionProblem(property, $"{OptionProblem.Quote(file)}, {problem}", "the file of an appraisal policy"));
        string service = policy.Own.Service;
        return !services.Contains(service, StringComparer.Ordinal) ? [new(property, $"{OptionProblem.Quote(file)} for {OptionProblem.Quote(service)}", "a policy for one of Gateway:Services")]
            : !described.Add(service) ? [new(property, $"{OptionProblem.Quote(file)}, a second policy for {OptionProblem.Quote(service)}", "one file for a service")]
            : [];
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

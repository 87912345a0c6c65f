using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Veil.ServiceDefaults;

namespace Veil.Issuer.Tests;

public sealed partial class AlertRulesTests
{
    [Fact]
    public void The_rules_name_only_metrics_and_problems_that_there_are()
    {
        string rules = File.ReadAllText(Path.Combine(SampleTests.RepositoryRoot(), "ops", "dashboards", "issuer-alerts.yml"));
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var names = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) => names.Add(instrument.Name.Replace('.', '_')),
        };
        listener.Start();
        using var metrics = new IssuerMetrics(services.GetRequiredService<IMeterFactory>());
        names.UnionWith(["veil_issuer_keys", "veil_issuer_key_age", "veil_issuer_key_takeover"]);
        Assert.All(Metric().Matches(rules), metric => Assert.Contains(Suffix().Replace(metric.Value, ""), names));
        IEnumerable<string> problems = typeof(Problems).GetFields().Select(field => ((Problem)field.GetValue(null)!).Type);
        Assert.All(ProblemType().Matches(rules), problem => Assert.Contains(problem.Value, problems));
    }

    [GeneratedRegex("veil_issuer_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("(_seconds)?(_bucket|_total)?$")]
    private static partial Regex Suffix();

    [GeneratedRegex("urn:veil:problem:[a-z-]+")]
    private static partial Regex ProblemType();
}

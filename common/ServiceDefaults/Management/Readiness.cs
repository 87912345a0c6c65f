using Microsoft.Extensions.Hosting;

namespace Veil.ServiceDefaults;

/// <summary>One named condition of <c>/readyz</c>.</summary>
internal sealed record ReadinessCheck(string Name, Func<bool> IsReady);

/// <summary>Whether the service takes requests: started, not draining, and every check holds.</summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime, IEnumerable<ReadinessCheck> checks)
{
    private readonly ReadinessCheck[] _checks = [.. checks];

    /// <summary>Names of what is not ready; empty when the service is.</summary>
    public List<string> Missing()
    {
        List<string> missing = [.. _checks.Where(check => !check.IsReady()).Select(check => check.Name)];
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
            missing.Add("starting");
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            missing.Add("draining");
        return missing;
    }
}

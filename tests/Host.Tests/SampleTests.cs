using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Veil.HostAgent;
using Veil.HostAgent.Configfs;
using Veil.HostAgent.Identity;
using Veil.ServiceDefaults;
using Veil.SoftwareTee;

namespace Veil.Host.Tests;

/// <summary>What operators get in <c>ops/containers/host</c> passes every check that a start makes of its configuration.</summary>
public sealed class SampleTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    private static readonly Func<LogSight?> WithoutLog = () => null;

    [Fact]
    public void The_host_agents_sample_starts()
    {
        string sample = Sample("appsettings.json");
        Assert.Equal([ConfigfsOptions.Section, HostOptions.Section, LogOptions.Section, ServerOptions.Section], Sections(sample));
        using WebApplication app = HostAgentApp.Build(["--config", sample], "veil-host",
            services => services.AddConfigfsAttester().AddSingleton(machine.Attester).AddSingleton(WithoutLog));
    }

    [Fact]
    public void The_software_TEEs_sample_starts()
    {
        string sample = Sample("softwaretee.json");
        Assert.Equal([HostOptions.Section, LogOptions.Section, ServerOptions.Section, SoftwareTeeOptions.Section], Sections(sample));
        string root = Directory.CreateTempSubdirectory("veil-test-").FullName;
        try
        {
            using WebApplication app = HostAgentApp.Build(["--config", sample, "--SoftwareTee:RootFolder=" + Path.Combine(root, "root")], "veil-software-tee",
                services => services.AddSoftwareTee().AddSingleton(WithoutLog));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static IEnumerable<string> Sections(string sample) =>
        new ConfigurationBuilder().AddJsonFile(sample).Build().GetChildren().Select(section => section.Key).Order(StringComparer.Ordinal);

    private static string Sample(string name)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Relay.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new InvalidOperationException("Run from inside the repository: Relay.sln was not found above."), "ops", "containers", "host", name);
    }
}

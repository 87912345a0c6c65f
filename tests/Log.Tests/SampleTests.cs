using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Veil.Proofs.TransparencyLog;
using Veil.ServiceDefaults;
using Veil.TransparencyLog;
using Veil.TransparencyLog.Witnessing;

namespace Veil.Log.Tests;

/// <summary>What operators get in <c>ops/containers/log</c> passes every check that a start makes of its configuration.</summary>
public sealed class SampleTests
{
    [Fact]
    public void The_samples_of_log_and_witness_pass_the_checks_of_a_start()
    {
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        try
        {
            var certificate = new LoopbackCertificate(folder);
            File.WriteAllText(Path.Combine(folder, "note.key"), "");
            string[] own = [$"--Server:CertificateFile={certificate.CertificateFile}", $"--Server:KeyFile={certificate.KeyFile}"];
            Check("appsettings.json", [LogOptions.Section, ServerOptions.Section], services => services.AddValidatedOptions<LogOptions, LogOptionsRules>(LogOptions.Section),
                [.. own, $"--Log:KeyFile={Path.Combine(folder, "note.key")}"]);
            Check("appsettings.witness.json", [ServerOptions.Section, WitnessOptions.Section], services => services.AddValidatedOptions<WitnessOptions, WitnessOptionsRules>(WitnessOptions.Section),
                [.. own, $"--Witness:KeyFile={Path.Combine(folder, "note.key")}"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Check(string name, string[] sections, Action<IServiceCollection> add, string[] own)
    {
        string sample = Path.Combine(RepositoryRoot(), "ops", "containers", "log", name);
        Assert.Equal(sections, new ConfigurationBuilder().AddJsonFile(sample).Build().GetChildren().Select(section => section.Key).Order(StringComparer.Ordinal));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--config", sample, .. own]);
        builder.AddServiceDefaults(new ServiceDescription("veil-log"));
        add(builder.Services);
        using WebApplication app = builder.Build();
        app.MapServiceDefaults();
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Relay.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("Run from inside the repository: Relay.sln was not found above.");
    }
}

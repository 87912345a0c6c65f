using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Veil.Gateway.Tests.Parties;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Tests;

/// <summary>What operators get in <c>ops/containers/gateway</c>.</summary>
public sealed class SampleConfigurationTests : IDisposable
{
    private const string WrappingKeyVariable = "VEIL_WRAPPING_KEY";
    private readonly TestAuthority _authority = new();

    [Fact]
    public async Task A_gateway_starts_with_the_sample_configuration()
    {
        Environment.SetEnvironmentVariable(WrappingKeyVariable, Convert.ToBase64String(new byte[32]));
        TestCertificate own = _authority.Issue("gateway");
        TestCertificate client = _authority.Issue("gateway-client");
        string sample = _authority.Write("appsettings.json", Sample()
            .Replace("/etc/veil/gateway.pem", own.CertificateFile, StringComparison.Ordinal)
            .Replace("/etc/veil/gateway.key", own.KeyFile, StringComparison.Ordinal)
            .Replace("/etc/veil/gateway-client.pem", client.CertificateFile, StringComparison.Ordinal)
            .Replace("/etc/veil/gateway-client.key", client.KeyFile, StringComparison.Ordinal)
            .Replace("/etc/veil/bundle.json", own.CertificateFile, StringComparison.Ordinal)
            .Replace("/etc/veil/authority.key", own.KeyFile, StringComparison.Ordinal)
            .Replace("/var/lib/veil/keys", Path.Combine(_authority.Folder, "keys"), StringComparison.Ordinal));
        Assert.DoesNotContain("/etc/", File.ReadAllText(sample), StringComparison.Ordinal);

        await using WebApplication app = GatewayApp.Build([], builder => builder.Configuration.AddJsonFile(sample));
        app.Services.GetRequiredService<IStartupValidator>().Validate();
    }

    [Fact]
    public void The_sample_configuration_shows_every_section()
    {
        IEnumerable<string> sections = typeof(GatewayOptions).Assembly.GetTypes()
            .Select(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue())
            .OfType<string>()
            .Append(ServerOptions.Section);

        Assert.Equal(sections.Order(StringComparer.Ordinal), JsonNode.Parse(Sample())!.AsObject().Select(section => section.Key).Order(StringComparer.Ordinal));
    }

    public void Dispose() => _authority.Dispose();

    private static string Sample()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Relay.sln")))
            folder = folder.Parent;
        return File.ReadAllText(Path.Combine(folder!.FullName, "ops/containers/gateway/appsettings.json"));
    }
}

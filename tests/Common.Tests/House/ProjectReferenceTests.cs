using System.Xml.Linq;

namespace Veil.Common.Tests.House;

/// <summary>What a party can see is what its folder may reference, over the transitive closure.</summary>
public static class ProjectReferenceTests
{
    [Theory]
    [InlineData("relay/Relay.csproj", "ServiceDefaults")]
    [InlineData("issuer/Issuer.csproj", "Crypto KeyLifecycle KeyStore Postgres PrivacyPass ServiceDefaults Wire")]
    [InlineData("gateway/Gateway.csproj", "Attestation Bhttp Crypto Hpke KeyLifecycle KeyStore Ohttp Postgres PrivacyPass ServiceDefaults Transparency Wire")]
    [InlineData("host/HostAgent/HostAgent.csproj", "Attestation Bhttp Crypto Hpke KeyLifecycle Ohttp Sealing ServiceDefaults Transparency Wire")]
    [InlineData("host/SoftwareTee/SoftwareTee.csproj", "Attestation Bhttp Crypto HostAgent Hpke KeyLifecycle Ohttp Sealing ServiceDefaults Transparency Wire")]
    [InlineData("client/Sdk/ClientSdk.csproj", "Attestation Bhttp Crypto Hpke Ohttp PrivacyPass Transparency Wire")]
    [InlineData("client/Cli/ClientCli.csproj", "Attestation Bhttp ClientSdk Crypto Hpke Ohttp PrivacyPass Transparency Wire")]
    [InlineData("log/TransparencyLog.csproj", "Attestation Crypto ServiceDefaults Transparency Wire")]
    [InlineData("common/ServiceDefaults/ServiceDefaults.csproj", "")]
    [InlineData("common/Wire/Wire.csproj", "")]
    [InlineData("common/Crypto/Crypto.csproj", "")]
    [InlineData("common/Bhttp/Bhttp.csproj", "Wire")]
    [InlineData("common/Hpke/Hpke.csproj", "Crypto Wire")]
    [InlineData("common/Ohttp/Ohttp.csproj", "Crypto Hpke Wire")]
    [InlineData("common/Sealing/Sealing.csproj", "Crypto Hpke Ohttp Wire")]
    [InlineData("common/PrivacyPass/PrivacyPass.csproj", "Crypto Wire")]
    [InlineData("common/Attestation/Attestation.csproj", "Wire")]
    [InlineData("common/Transparency/Transparency.csproj", "Crypto Wire")]
    [InlineData("common/KeyLifecycle/KeyLifecycle.csproj", "")]
    [InlineData("common/KeyStore/KeyStore.csproj", "KeyLifecycle Postgres")]
    [InlineData("common/Postgres/Postgres.csproj", "")]
    public static void Reaches_exactly(string project, string allowed) => Assert.Equal(allowed, string.Join(' ', Closure(project)));

    [Theory]
    [InlineData("issuer/Issuer.csproj", "Ohttp")]
    [InlineData("issuer/Issuer.csproj", "Hpke")]
    [InlineData("issuer/Issuer.csproj", "Bhttp")]
    [InlineData("issuer/Issuer.csproj", "Sealing")]
    [InlineData("host/HostAgent/HostAgent.csproj", "PrivacyPass")]
    [InlineData("host/HostAgent/HostAgent.csproj", "KeyStore")]
    [InlineData("relay/Relay.csproj", "Ohttp")]
    public static void Never_reaches(string project, string forbidden) => Assert.DoesNotContain(forbidden, Closure(project));

    [Fact]
    public static void Every_project_outside_tests_and_operations_has_its_arrows_held()
    {
        string root = VectorFile.Root();
        IEnumerable<string> held = typeof(ProjectReferenceTests).GetMethod(nameof(Reaches_exactly))!
            .GetCustomAttributes(typeof(InlineDataAttribute), inherit: false)
            .Select(data => Path.GetFileNameWithoutExtension((string)((InlineDataAttribute)data).Data[0]!));
        IEnumerable<string> present = new[] { "common", "relay", "issuer", "gateway", "host", "client", "log" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(path => Path.GetFileNameWithoutExtension(path));
        Assert.Equal(present.Order(StringComparer.Ordinal), held.Order(StringComparer.Ordinal));
    }

    private static SortedSet<string> Closure(string project)
    {
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        var pending = new Queue<string>([Path.GetFullPath(Path.Combine(VectorFile.Root(), project))]);
        while (pending.TryDequeue(out string? path))
        {
            foreach (XElement reference in XDocument.Load(path).Descendants("ProjectReference"))
            {
                string target = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, reference.Attribute("Include")!.Value));
                if (reached.Add(Path.GetFileNameWithoutExtension(target)))
                {
                    pending.Enqueue(target);
                }
            }
        }

        return reached;
    }
}

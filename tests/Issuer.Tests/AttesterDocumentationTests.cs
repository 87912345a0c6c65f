using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Veil.Issuer.Tests.Rig;
using Veil.ServiceDefaults;

namespace Veil.Issuer.Tests;

public sealed partial class AttesterDocumentationTests
{
    public static TheoryData<string> Samples => [.. Json().Matches(File.ReadAllText(Page)).Select(block => block.Groups[1].Value)];

    private static string Page => Path.Combine(SampleTests.RepositoryRoot(), "ops", "docs", "attesters.md");

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_sample_on_the_page_passes_the_checks_of_a_start(string sample)
    {
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        try
        {
            using var authority = new LocalAuthority();
            File.WriteAllText(Path.Combine(folder, "roots.pem"), authority.RootPem);
            File.WriteAllText(Path.Combine(folder, "issuer.json"), sample.Replace("/etc/veil/account-holders.pem", Path.Combine(folder, "roots.pem"), StringComparison.Ordinal));
            using WebApplication app = IssuerApp.CreateBuilder(
                ["--config", Path.Combine(folder, "issuer.json"), "--Server:AllowPlaintext=true", "--Keys:Store:Directory=keys", "--Keys:Store:WrappingKeyVariable=KEY"]).Build();
            app.MapServiceDefaults();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Json();
}

using System.CommandLine;
using Veil.ClientCli;
using Veil.ClientSdk;
using Veil.Common.Tests.Transparency;

namespace Veil.Client.Tests.Cli;

public static class SettingsTests
{
    [Theory]
    [InlineData("gateway.example", "https://issuer.example/", true)]
    [InlineData("Gateway.Example", "https://ISSUER.example", true)]
    [InlineData("other.example", "https://issuer.example", false)]
    [InlineData("gateway.example", "https://other.example", false)]
    [InlineData("../gateway.example", "no address", false)]
    public static void Each_gateway_and_issuer_has_a_default_wallet_of_its_own(string authority, string issuer, bool same)
    {
        string name = Settings.DefaultWalletName(authority, issuer);

        Assert.Equal(same, name == Settings.DefaultWalletName("gateway.example", "https://issuer.example"));
        Assert.Equal(name, Path.GetFileName(name));
    }

    [Fact]
    public static void The_sample_can_be_used_and_shows_the_defaults()
    {
        string folder = Directory.CreateTempSubdirectory("veil-sample-").FullName;
        try
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "veil.sample.json"), Path.Combine(folder, "veil.json"));
            File.WriteAllText(Path.Combine(folder, "account.key"), "account");
            using var authority = new TestAuthority(DateTimeOffset.UnixEpoch);
            File.WriteAllBytes(Path.Combine(folder, "gateway.example.bundle.json"), authority.Bundle.Write());
            var root = new RootCommand();
            Settings.AddTo(root);

            VeilOptions sample = Settings.Read(root.Parse(["--config", Path.Combine(folder, "veil.json"), "--wallet", Path.Combine(folder, "wallet")]));

            var defaults = new VeilOptions();
            Assert.Equal(("gateway.example", new Uri("https://issuer.example")), (sample.Authority, sample.Issuer));
            Assert.Equal(
                (defaults.TokenTarget, defaults.TokenReserve, defaults.MaxBufferedBody, defaults.ViewLifetime, defaults.ConnectTimeout, defaults.DocumentTimeout),
                (sample.TokenTarget, sample.TokenReserve, sample.MaxBufferedBody, sample.ViewLifetime, sample.ConnectTimeout, sample.DocumentTimeout));
            Assert.Equal((defaults.Chunked, defaults.Padding, defaults.DrawWhenEmpty, defaults.HostDrawsAhead, defaults.HostDrawDelay), (sample.Chunked, sample.Padding, sample.DrawWhenEmpty, sample.HostDrawsAhead, sample.HostDrawDelay));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

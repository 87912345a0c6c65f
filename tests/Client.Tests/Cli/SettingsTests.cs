using Veil.ClientCli;

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
}

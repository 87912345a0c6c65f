using Veil.ClientSdk;

namespace Veil.Client.Tests;

public static class VeilOptionsValidatorTests
{
    private static readonly Uri Relay = new("https://relay.example/gateway");

    public static TheoryData<string, VeilOptions> Wrong => new()
    {
        { "Relay", new() { WithoutLog = true, Authority = "gateway.example" } },
        { "Relay", new() { WithoutLog = true, Relay = new Uri("http://relay.example/gateway"), Authority = "gateway.example" } },
        { "Relay", new() { WithoutLog = true, Relay = new Uri("https://me@relay.example/gateway"), Authority = "gateway.example" } },
        { "Relay", new() { WithoutLog = true, Relay = new Uri("https://relay.example/"), Authority = "gateway.example" } },
        { "Relay", new() { WithoutLog = true, Relay = new Uri("https://relay.example/gateway?me"), Authority = "gateway.example" } },
        { "Authority", new() { WithoutLog = true, Relay = Relay } },
        { "Authority", new() { WithoutLog = true, Relay = Relay, Authority = "https://gateway.example" } },
        { "Authority", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example/path" } },
        { "WalletFile", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", Issuer = new Uri("https://issuer.example") } },
        { "ApiKeyFile", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", ApiKeyFile = "no-such-file" } },
        { "TrustedRootsFile", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", TrustedRootsFile = "no-such-file" } },
        { "MaxBufferedBody", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", MaxBufferedBody = 1 } },
        { "TokenReserve", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", TokenTarget = 10, TokenReserve = 10 } },
        { "ViewLifetime", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", ViewLifetime = TimeSpan.Zero } },
        { "TrustBundleFile", new() { Relay = Relay, Authority = "gateway.example" } },
        { "TrustBundleFile", new() { Relay = Relay, Authority = "gateway.example", SeenLogFile = "seen" } },
        { "TrustBundleFile", new() { Relay = Relay, Authority = "gateway.example", TrustBundleFile = "no-such-file" } },
        { "WithoutLog", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", SeenLogFile = "seen" } },
        { "WithoutLog", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", SecondRelay = new Uri("https://other.example/gateway") } },
        { "AllowedHeaders", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", AllowedHeaders = ["Cookie"] } },
        { "BodyRules", new() { WithoutLog = true, Relay = Relay, Authority = "gateway.example", BodyRules = [new JsonFieldRule()] } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public static void A_wrong_value_is_named_with_what_is_allowed(string property, VeilOptions options)
    {
        string problem = Assert.Single(VeilOptionsValidator.Problems(options));

        Assert.StartsWith(property + ":", problem, StringComparison.Ordinal);
        Assert.Equal(problem, Assert.Throws<ArgumentException>(() => new VeilHandler(options)).Message.Split(" (Parameter")[0]);
    }

    [Fact]
    public static void All_problems_are_told_at_once() => Assert.Equal(4, VeilOptionsValidator.Problems(new() { MaxPlainAnswer = 1 }).Count);

    [Theory]
    [InlineData("gateway.example")]
    [InlineData("gateway.example:8443")]
    [InlineData("127.0.0.1:8443")]
    public static void The_least_that_is_needed_is_enough(string authority) =>
        Assert.Empty(VeilOptionsValidator.Problems(new() { WithoutLog = true, Relay = Relay, Authority = authority }));
}

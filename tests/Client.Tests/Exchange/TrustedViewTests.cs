using Veil.Attestation;
using Veil.ClientSdk;
using Veil.PrivacyPass;

namespace Veil.Client.Tests.Exchange;

/// <summary>Before anything private leaves: two ways of asking must give the same keys.</summary>
public static class TrustedViewTests
{
    [Fact]
    public static async Task A_view_that_agrees_is_made_once_for_many_requests()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client();

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("hello", await (await client.PostAsync(FarSide.Url(), new StringContent("hello"), Stop)).Content.ReadAsStringAsync(Stop));
        }

        Assert.Equal(1, far.ViewsServed);
        Assert.Single(far.Outer, seen => seen.Line is "GET /gateway");
    }

    public static TheoryData<string, VeilFailure> Lies => new()
    {
        { "mirror differs from own copy", VeilFailure.ViewMismatch },
        { "mirror differs from own copy and from the one before", VeilFailure.ViewMismatch },
        { "a view of this morning", VeilFailure.StaleView },
        { "a view of this evening", VeilFailure.StaleView },
        { "mirror does not parse", VeilFailure.BadKeyConfiguration },
        { "another authority", VeilFailure.BadView },
        { "a flipped bit", VeilFailure.BadView },
        { "a service twice", VeilFailure.BadView },
        { "a host that is none", VeilFailure.BadView },
        { "challenge with a context", VeilFailure.BadChallenge },
        { "challenge for another origin", VeilFailure.BadChallenge },
        { "challenge for every origin", VeilFailure.BadChallenge },
        { "challenge of another issuer", VeilFailure.BadChallenge },
        { "challenge that spells the origin otherwise", VeilFailure.BadChallenge },
        { "challenge that spells the issuer otherwise", VeilFailure.BadChallenge },
        { "challenge of an unknown type", VeilFailure.BadChallenge },
        { "directory that does not parse", VeilFailure.BadView },
        { "challenge of a type that is not in force", VeilFailure.BadChallenge },
        { "no directory yet", VeilFailure.Busy },
        { "no challenge where tokens are asked for", VeilFailure.Busy },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public static async Task A_lie_is_found_out_before_anything_private_leaves(string lie, VeilFailure expected)
    {
        await using FarSide far = await FarSide.StartAsync();
        Tell(far, lie);
        using HttpClient client = far.Client(tokens: true);

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url("/secret"), Stop));

        Assert.Equal(expected, failure.Failure);
        Assert.Empty(far.Inner);
        Assert.Equal(0, far.Issued);
    }

    [Theory]
    [InlineData("issuer.example", true)]
    [InlineData("Issuer.example", false)]
    public static async Task Without_an_issuer_of_its_own_a_client_still_takes_one_spelling_only(string issuerName, bool taken)
    {
        await using FarSide far = await FarSide.StartAsync();
        Challenge(far, TokenChallenge.Create(2, issuerName, default, FarSide.Authority));
        using HttpClient client = far.Client();

        Task<HttpResponseMessage> asking = client.GetAsync(FarSide.Url(), Stop);

        Assert.Equal(taken ? null : VeilFailure.BadChallenge, ((VeilException?)await Record.ExceptionAsync(() => asking))?.Failure);
    }

    [Fact]
    public static async Task A_mirror_of_the_keys_before_a_takeover_agrees_while_the_gateway_says_so()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.ChangeView = view => view with { Keys = Twice(view.Keys), PreviousKeys = view.Keys };
        using HttpClient client = far.Client();

        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), Stop);

        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(4)]
    public static async Task A_clock_that_is_off_by_minutes_does_not_make_a_view_stale(int minutes)
    {
        await using FarSide far = await FarSide.StartAsync();
        DateTimeOffset edge = DateTimeOffset.UtcNow.AddMinutes(minutes);
        far.ChangeView = view => minutes > 0 ? view with { NotBefore = edge } : view with { NotAfter = edge };
        using var handler = new VeilHandler(far.Options());

        Assert.True((await handler.GetViewAsync(Stop)).Serves(FarSide.Service));
    }

    [Fact]
    public static async Task A_view_is_made_again_when_the_time_that_it_was_signed_for_is_over()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.ChangeView = view => view with { NotAfter = DateTimeOffset.UtcNow.AddMinutes(20) };
        var clock = new AdvancingClock();
        using var handler = new VeilHandler(far.Options(), clock);
        await handler.GetViewAsync(Stop);
        clock.Ahead = TimeSpan.FromMinutes(24);
        await handler.GetViewAsync(Stop);
        Assert.Equal(1, far.ViewsServed);

        far.ChangeView = view => view;
        clock.Ahead = TimeSpan.FromMinutes(26);
        await handler.GetViewAsync(Stop);

        Assert.Equal(2, far.ViewsServed);
    }

    [Fact]
    public static async Task A_directory_that_differs_from_the_gateways_copy_stops_drawing()
    {
        await using FarSide far = await FarSide.StartAsync();
        using TokenIssuerKey other = TokenIssuerKey.Import(2, TokenType.Find(2)!.GeneratePrivateKey());
        far.ChangeDirectory = _ => new IssuerDirectory("/token-request", [new IssuerDirectoryKey(2, other.PublicKey.Encoding.ToArray(), null)]).Write();
        using HttpClient client = far.Client(tokens: true);

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal((VeilFailure.DirectoryMismatch, Hop.Issuer), (failure.Failure, failure.Hop));
        Assert.Equal(0, far.Issued);
    }

    [Fact]
    public static async Task An_issuer_with_a_new_key_is_met_with_a_new_view()
    {
        await using FarSide far = await FarSide.StartAsync();
        using TokenIssuerKey retired = TokenIssuerKey.Import(2, TokenType.Find(2)!.GeneratePrivateKey());
        byte[] old = new IssuerDirectory("/token-request", [new IssuerDirectoryKey(2, retired.PublicKey.Encoding.ToArray(), null)]).Write();
        far.ChangeView = view => view with { Issuer = old };
        using var handler = new VeilHandler(far.Options(tokens: true));
        using var client = new HttpClient(handler);
        await handler.GetViewAsync(Stop);

        far.ChangeView = view => view;
        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), Stop);

        Assert.Equal(2, far.ViewsServed);
        Assert.Equal(3, far.Issued);
    }

    [Fact]
    public static async Task A_signature_of_an_untrusted_key_is_refused_by_its_name()
    {
        await using FarSide far = await FarSide.StartAsync();
        await using FarSide another = await FarSide.StartAsync();
        using var handler = new VeilHandler(far.Options());
        far.ChangeSigned = _ => ForeignView(another);

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => handler.GetViewAsync(Stop));

        Assert.Equal(VeilFailure.BadView, failure.Failure);
        Assert.Contains(nameof(SignedViewError.UntrustedChain), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task A_service_that_the_gateway_does_not_serve_is_not_asked_for()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client();

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(new Uri("https://elsewhere.example/"), Stop));

        Assert.Equal(VeilFailure.UnknownService, failure.Failure);
    }

    [Fact]
    public static async Task A_relay_that_is_not_there_is_named()
    {
        VeilOptions options;
        await using (FarSide gone = await FarSide.StartAsync())
        {
            options = gone.Options();
            options = new VeilOptions { Relay = options.Relay, Authority = options.Authority, WithoutLog = true };
        }

        using var handler = new VeilHandler(options);
        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => handler.GetViewAsync(Stop));

        Assert.Equal((VeilFailure.Unreachable, Hop.Relay), (failure.Failure, failure.Hop));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static void Tell(FarSide far, string lie)
    {
        string issuer = new Uri(far.Origin).Authority;
        switch (lie)
        {
            case "mirror differs from own copy":
                far.ChangeView = view => view with { Keys = Twice(view.Keys) };
                break;
            case "mirror differs from own copy and from the one before":
                far.ChangeView = view => view with { Keys = Twice(view.Keys), PreviousKeys = Twice(Twice(view.Keys)) };
                break;
            case "a view of this morning":
                far.ChangeView = view => view with { NotBefore = DateTimeOffset.UtcNow.AddHours(-4), NotAfter = DateTimeOffset.UtcNow.AddMinutes(-6) };
                break;
            case "a view of this evening":
                far.ChangeView = view => view with { NotBefore = DateTimeOffset.UtcNow.AddMinutes(6), NotAfter = DateTimeOffset.UtcNow.AddHours(4) };
                break;
            case "mirror does not parse":
                far.Mirror = [1, 2, 3];
                break;
            case "another authority":
                far.ChangeView = view => view with { Authority = "other.example" };
                break;
            case "a flipped bit":
                far.ChangeSigned = signed => [.. signed[..^40], (byte)(signed[^40] ^ 1), .. signed[^39..]];
                break;
            case "a service twice":
                far.ChangeView = view => view with { Services = [new ServiceView("a.example", far.Price, []), new ServiceView("A.example", far.Price, [])] };
                break;
            case "a host that is none":
                far.ChangeView = view => view with { Services = [new ServiceView(FarSide.Service, far.Price, [new byte[] { 1, 2, 3 }])] };
                break;
            case "challenge with a context":
                Challenge(far, TokenChallenge.Create(2, issuer, new byte[32], FarSide.Authority));
                break;
            case "challenge for another origin":
                Challenge(far, TokenChallenge.Create(2, issuer, default, "other.example"));
                break;
            case "challenge for every origin":
                Challenge(far, TokenChallenge.Create(2, issuer, default, ""));
                break;
            case "challenge of another issuer":
                Challenge(far, TokenChallenge.Create(2, "other.example", default, FarSide.Authority));
                break;
            case "challenge that spells the origin otherwise":
                Challenge(far, TokenChallenge.Create(2, issuer, default, "gateway.Example"));
                break;
            case "challenge that spells the issuer otherwise":
                Challenge(far, TokenChallenge.Create(2, issuer.ToUpperInvariant(), default, FarSide.Authority));
                break;
            case "challenge of an unknown type":
                Challenge(far, TokenChallenge.Create(0x02AA, issuer, default, FarSide.Authority));
                break;
            case "directory that does not parse":
                far.ChangeView = view => view with { Issuer = "{}"u8.ToArray() };
                break;
            case "challenge of a type that is not in force":
                Challenge(far, TokenChallenge.Create(1, issuer, default, FarSide.Authority));
                break;
            case "no challenge where tokens are asked for":
                far.ChangeView = view => view with { Challenge = default };
                break;
            case "no directory yet":
                far.ChangeView = view => view with { Issuer = default };
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(lie));
        }
    }

    private static byte[] Twice(ReadOnlyMemory<byte> keys) => [.. keys.Span, .. keys.Span];

    private static void Challenge(FarSide far, TokenChallenge challenge) =>
        far.ChangeView = view => view with { Challenge = challenge.Encoded.ToArray() };

    private static byte[] ForeignView(FarSide another) => another.SignView();

    private sealed class AdvancingClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}

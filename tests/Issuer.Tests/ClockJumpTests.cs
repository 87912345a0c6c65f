using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Veil.Issuer.Tests.Rig;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class ClockJumpTests : IAsyncLifetime
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly SteppedClock _clock = new();
    private readonly IssuerClient _client = new();
    private IssuerProcess? _files;
    private WebApplication? _issuer;
    private string _apiKey = "";
    private TokenPublicKey? _key;

    private Uri Address => new(_issuer!.Urls.Single());

    public async ValueTask InitializeAsync()
    {
        _files = await IssuerProcess.CreateAsync();
        _files.Configure(configuration =>
        {
            configuration["Keys"]!["Store"]!["Directory"] = InFolder("keys");
            configuration["Keys"]!["Store"]!["WrappingKeyFile"] = InFolder("wrapping.key");
            configuration["Stores"] = new System.Text.Json.Nodes.JsonObject { ["Accounts"] = InFolder("accounts.db"), ["Spent"] = InFolder("spent.db") };
        });
        _apiKey = await _files.AddAccountAsync("alice", 4);
        _issuer = IssuerApp.Build(["--config", InFolder("issuer.json")], _clock);
        await _issuer.StartAsync(TestContext.Current.CancellationToken);
        _key = await _client.KeyAsync(Address);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _issuer!.DisposeAsync();
        await _files!.DisposeAsync();
    }

    [Fact]
    public async Task A_clock_that_goes_back_refuses_by_name_and_loses_nothing_once_it_is_set_right()
    {
        byte[] token = (await DrawAsync())!;
        byte[] spent = (await DrawAsync())!;
        Assert.Equal("accepted", await RedeemAsync(spent));

        _clock.Jump(-Year);
        await UntilTrusted(false);
        Assert.Null(await DrawAsync());
        Assert.StartsWith("422", _client.LastRefusal, StringComparison.Ordinal);
        Assert.Contains("urn:veil:problem:key", _client.LastRefusal, StringComparison.Ordinal);
        Assert.Equal("unknown-key", await RedeemAsync(token));

        _clock.Jump(Year);
        await Until(async () => await RedeemAsync(token) == "accepted");
        Assert.Equal("spent", await RedeemAsync(spent));
        Assert.NotNull(await DrawAsync());
        Assert.NotNull(await DrawAsync());
        Assert.Null(await DrawAsync());
        Assert.Contains("urn:veil:problem:quota", _client.LastRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_goes_ahead_for_a_while_destroys_no_key_and_forgets_no_count()
    {
        // Until there is an announced key that the jump can make active.
        _clock.Pass(Schedule().NextTakeover(_clock.GetUtcNow()) - _clock.GetUtcNow() - TimeSpan.FromHours(1));
        await Until(() => Task.FromResult(Ring.Keys.Live.Announced.Length == 1));
        byte[] token = (await DrawAsync())!;
        byte[] spent = (await DrawAsync())!;
        Assert.Equal("accepted", await RedeemAsync(spent));

        _clock.Jump(Year);
        await UntilTrusted(false);
        Assert.NotEqual("accepted", await RedeemAsync(token));
        Assert.Null(await DrawAsync());

        _clock.Jump(-Year);
        await Until(async () => await RedeemAsync(token) == "accepted");
        Assert.Equal(2, Ring.Keys.Live.All.Count());
        Assert.Equal("spent", await RedeemAsync(spent));
        Assert.NotNull(await DrawAsync());
        Assert.NotNull(await DrawAsync());
        Assert.Null(await DrawAsync());
        Assert.Contains("urn:veil:problem:quota", _client.LastRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_stays_ahead_is_taken_as_true_after_a_while()
    {
        _clock.Jump(Year);
        await UntilTrusted(false);
        _clock.Pass(TimeSpan.FromMinutes(11));
        await UntilTrusted(true);
        await Until(() => Task.FromResult(Ring.Keys.Live.NextChange > _clock.GetUtcNow() - TimeSpan.FromMinutes(1)));
        Assert.NotNull(Ring.Keys.Live.Active);
    }

    [Fact]
    public void A_step_below_a_minute_and_any_time_that_passes_are_no_jump()
    {
        var clock = new SteppedClock();
        var watch = new ClockWatch(clock, TimeSpan.FromDays(2));
        clock.Jump(TimeSpan.FromSeconds(40));
        Assert.True(watch.Look(out _));
        clock.Pass(TimeSpan.FromDays(90));
        Assert.True(watch.Look(out _));
        clock.Jump(TimeSpan.FromMinutes(-2));
        Assert.False(watch.Look(out TimeSpan jump));
        Assert.Equal(-2, Math.Round(jump.TotalMinutes));
        clock.Pass(TimeSpan.FromMinutes(9));
        Assert.False(watch.Look(out jump));
        Assert.Equal(TimeSpan.Zero, jump);
        clock.Pass(TimeSpan.FromMinutes(2));
        Assert.True(watch.Look(out _));
    }

    private IssuerKeyRing Ring => _issuer!.Services.GetRequiredService<IssuerKeyRing>();

    private Veil.KeyLifecycle.RotationSchedule Schedule() => _issuer!.Services.GetRequiredService<IssuerKeyOptions>().Schedule();

    private string InFolder(string name) => Path.Combine(_files!.Folder, name);

    private Task<byte[]?> DrawAsync() => _client.DrawOneAsync(Address, _apiKey, _key!);

    private async Task<string> RedeemAsync(byte[] token) => (await _client.RedeemAsync(Address, [(token, IssuerClient.NewId())]))[0];

    /// <summary>The server looks at its clock every few seconds.</summary>
    private static async Task Until(Func<Task<bool>> isTrue)
    {
        for (int attempt = 0; !await isTrue(); attempt++)
        {
            Assert.True(attempt < 1200, "The server did not follow its clock.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task UntilTrusted(bool isTrusted) => Until(() => Task.FromResult(Ring.IsClockTrusted == isTrusted));
}

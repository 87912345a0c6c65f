using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Veil.Host.Tests.Vendors;
using Veil.HostAgent.Identity;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Host.Tests.Agent;

/// <summary>A host reads the authority's log before it makes claims, and says what is wrong where it cannot.</summary>
public sealed class LogCheckpointTests : IAsyncLifetime
{
    private const string Origin = "gateway.example/veil";

    private static readonly NoteSigner Key = NoteSigner.Generate(Origin, NoteKeyType.Ed25519);
    private static readonly NoteSigner Witness = NoteSigner.Generate("witness.example", NoteKeyType.Cosignature);
    private static readonly Uri Nowhere = new("http://127.0.0.1:9/");

    private readonly string _bundle = Path.GetTempFileName();
    private VendorService _log = null!;

    public async ValueTask InitializeAsync()
    {
        _log = await VendorService.StartAsync();
        NoteVerifierKey authority = NoteSigner.Generate("gateway.example", NoteKeyType.Ed25519).VerifierKey;
        await File.WriteAllBytesAsync(_bundle, new TrustBundle
        {
            Serial = 1,
            Authority = "gateway.example",
            Epochs = new(DateTimeOffset.FromUnixTimeSeconds(1_790_000_000), TimeSpan.FromHours(1)),
            Origin = Origin,
            LogKey = Key.VerifierKey,
            Witnesses = [Witness.VerifierKey],
            WitnessThreshold = 1,
            AuthorityKey = authority,
            ReleaseSigners = [authority],
            ReleaseThreshold = 1,
            ReleaseMaturity = TimeSpan.FromHours(24),
        }.Write());
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        File.Delete(_bundle);
    }

    [Fact]
    public async Task Its_claims_name_the_checkpoint_that_the_log_signed()
    {
        byte[] root = SoftwareMachine.Bytes(32, 9);
        _log.Say("/mirror/checkpoint", Signed(new Checkpoint(Origin, 42, root).Write()));
        await using RunningHost host = await RunningHost.StartAsync(Nowhere, Settings(new Uri(_log.Url, "mirror")));

        Assert.Equal($"42 {Convert.ToHexString(root)}", Named(host));
    }

    [Fact]
    public async Task A_log_that_has_no_entry_yet_is_named_as_such_and_no_log_as_none()
    {
        await using RunningHost host = await RunningHost.StartAsync(Nowhere, Settings(_log.Url));
        Assert.Equal($"0 {Convert.ToHexString(MerkleTree.EmptyRoot.Span)}", Named(host));

        await using RunningHost other = await RunningHost.StartAsync(Nowhere);
        Assert.Equal($"0 {new string('0', 64)}", Named(other));
    }

    [Theory]
    [InlineData("another key", "no checkpoint of the trust bundle's log and witnesses")]
    [InlineData("another log", "no checkpoint of the trust bundle's log and witnesses")]
    [InlineData("no witness", "no checkpoint of the trust bundle's log and witnesses")]
    [InlineData("nonsense", "no checkpoint of the trust bundle's log and witnesses")]
    [InlineData("too long", "more than 16384 bytes")]
    [InlineData("status", "status 500")]
    [InlineData("nobody", "cannot be reached")]
    [InlineData("silence", "did not answer within")]
    public async Task A_host_does_not_start_without_it_and_says_why(string wrong, string reason)
    {
        using NoteSigner other = NoteSigner.Generate(Origin, NoteKeyType.Ed25519);
        byte[] text = new Checkpoint(wrong is "another log" ? "other.example/veil" : Origin, 42, SoftwareMachine.Bytes(32, 9)).Write();
        _log.Answers["/checkpoint"] = wrong switch
        {
            "status" => context =>
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return Task.CompletedTask;
            },
            "silence" => context => Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted),
            _ => context => context.Response.Body.WriteAsync(wrong switch { "another key" => other.Sign(text), "no witness" => Key.Sign(text), "another log" => Signed(text), "too long" => new byte[20_000], _ => "nonsense"u8.ToArray() }).AsTask(),
        };
        Uri url = wrong is "nobody" ? new Uri("https://127.0.0.1:9/") : _log.Url;

        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => RunningHost.StartAsync(Nowhere, Settings(url)));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Log:TrustBundleFile", "Log:Url=https://log.example")]
    [InlineData("Log:TrustBundleFile", "Log:TrustBundleFile=BUNDLE")]
    [InlineData("no-such-file", "Log:Url=https://log.example", "Log:TrustBundleFile=no-such-file")]
    [InlineData("(Log:TrustBundleFile)", "Log:Url=https://log.example", "Log:TrustBundleFile=EMPTY")]
    public async Task A_log_without_a_bundle_that_can_be_read_is_refused_at_the_start(string reason, params string[] settings)
    {
        string empty = Path.GetTempFileName();
        Exception refusal = await Assert.ThrowsAnyAsync<Exception>(() => RunningHost.StartAsync(
            Nowhere, [.. settings.Select(setting => setting.Replace("BUNDLE", _bundle, StringComparison.Ordinal).Replace("EMPTY", empty, StringComparison.Ordinal))]));
        File.Delete(empty);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirror_that_is_behind_takes_nothing_back()
    {
        using var log = new LogCheckpoint(
            Options.Create(new LogOptions { Url = _log.Url, TrustBundleFile = _bundle, Tls = _log.Options().Tls }), NullLogger<LogCheckpoint>.Instance, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
        DateTimeOffset genesis = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
        Show(42);
        Assert.Equal((42L, genesis.AddHours(43)), (log.Read()!.Checkpoint.Size, log.Read()!.NewestUntil));
        Show(41);
        Assert.Equal(42, log.Read()!.Checkpoint.Size);
        Assert.True(_log.Answers.TryRemove("/checkpoint", out _));
        Assert.Equal(42, log.Read()!.Checkpoint.Size);
        Show(43);
        Assert.Equal(43, log.Read()!.Checkpoint.Size);

        void Show(long size) => _log.Say("/checkpoint", Signed(new Checkpoint(Origin, size, SoftwareMachine.Bytes(32, (byte)size)).Write()));
    }

    private static byte[] Signed(byte[] text) => [.. Key.Sign(text), .. Witness.CosignatureLine(text, DateTimeOffset.UtcNow)];

    private static string Named(RunningHost host) => $"{host.Claims.CheckpointSize} {Convert.ToHexString(host.Claims.CheckpointRoot.Span)}";

    private string[] Settings(Uri url) =>
        [$"Log:Url={url}", $"Log:TrustBundleFile={_bundle}", "Log:Timeout=00:00:02", "Log:LocalAddress=127.0.0.1", $"Log:Tls:TrustedRootsFile={_log.Options().Tls.TrustedRootsFile}"];
}

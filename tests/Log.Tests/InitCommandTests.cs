using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Veil.Proofs.TransparencyLog;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Log.Tests;

/// <summary><c>veil-log init</c>: what it makes works as it stands.</summary>
public sealed class InitCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-init-").FullName;
    private readonly NoteSigner _witness = NoteSigner.Generate("witness.example/1", NoteKeyType.Cosignature);

    private string Made => Path.Combine(_folder, "made");

    public void Dispose()
    {
        _witness.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_log_serves_with_what_was_made_and_its_clients_bundle_verifies_what_it_publishes()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        (int code, string output, string error) = await InitAsync("--witness", $"{rig.Policy.Witnesses[0]}={rig.WitnessAddress(0)}", "--epoch-seconds", "600");
        Assert.True(code is 0, error);
        Assert.True(TrustBundle.TryParse(await ReadAsync("trust.json"), out TrustBundle? bundle, out string problem), problem);
        Assert.Contains(bundle.LogKey.ToString(), output, StringComparison.Ordinal);
        Assert.Equal(1, bundle.Epochs.At(DateTimeOffset.UtcNow));

        // 1. The witness learns of the log; the log gets a free port and the witness's root, which are this machine's alone.
        var witness = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(rig.Folder, "witness0.json"), TestContext.Current.CancellationToken))!;
        witness["Witness"]!["Logs"] = new JsonArray(new JsonObject { ["Origin"] = bundle.Origin, ["Key"] = bundle.LogKey.ToString() });
        rig.Write("witness0.json", witness);
        await rig.StartWitnessAsync(0);
        int port = FreePort();
        await using LogProgram log = LogProgram.Start(
            _folder,
            [
                "serve", "--config", Path.Combine(Made, "log.json"), $"--Server:Listen=127.0.0.1:{port}", "--Server:ManagementListen=127.0.0.1:0",
                $"--Log:WitnessTls:TrustedRootsFile={Path.Combine(rig.Folder, "loopback.pem")}",
            ]);
        await log.ListensAsync();

        // 2. The publisher's secret appends, and the checkpoint passes the bundle.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{port}/append?index=0")) { Content = new ByteArrayContent([1, 2, 3]) };
        request.Headers.Add("Authorization", $"Bearer {File.ReadAllText(Path.Combine(Made, "publisher.secret")).Trim()}");
        using HttpResponseMessage answer = await rig.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(bundle.Witnessing.TryVerify(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out WitnessedCheckpoint? witnessed));
        Assert.Equal(1, witnessed.Checkpoint.Size);
    }

    [Fact]
    public async Task Private_files_are_their_owners_and_nothing_is_ever_overwritten()
    {
        string witness = $"{_witness.VerifierKey}=https://witness.example/";
        Assert.Equal(0, (await InitAsync("--witness", witness)).Code);
        string[] names = ["authority.key", "log.json", "log.key", "publisher.secret", "release.key", "trust.json"];
        Assert.Equal(names, Directory.EnumerateFiles(Made).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (string name in names.Where(name => !name.EndsWith(".json", StringComparison.Ordinal)))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Made, name)));
        }

        byte[] key = await ReadAsync("log.key");
        File.Delete(Path.Combine(Made, "trust.json"));
        (int code, _, string error) = await InitAsync("--witness", witness);
        Assert.Equal(1, code);
        Assert.EndsWith("Nothing was made.\n", error, StringComparison.Ordinal);
        Assert.Equal(key, await ReadAsync("log.key"));
        Assert.False(File.Exists(Path.Combine(Made, "trust.json")));
    }

    [Fact]
    public async Task Signers_of_their_own_leave_no_release_key_behind()
    {
        using NoteSigner alice = NoteSigner.Generate("alice.example", NoteKeyType.Ed25519);
        using NoteSigner bob = NoteSigner.Generate("bob.example", NoteKeyType.Ed25519);
        (int code, string output, string error) = await InitAsync(
            "--witness", $"{_witness.VerifierKey}=https://witness.example/", "--release-signer", alice.VerifierKey.ToString(), "--release-signer", bob.VerifierKey.ToString(), "--release-threshold", "2", "--json");
        Assert.True(code is 0, error);
        Assert.False(File.Exists(Path.Combine(Made, "release.key")));
        Assert.Equal("gateway.example/veil", JsonNode.Parse(output)!["origin"]!.GetValue<string>());
        Assert.True(TrustBundle.TryParse(await ReadAsync("trust.json"), out TrustBundle? bundle, out _));
        Assert.Equal((2, 2), (bundle.ReleaseSigners.Count, bundle.ReleaseThreshold));
    }

    [Theory]
    [InlineData("--witness: found", "--witness", "https://witness.example/")]
    [InlineData("--release-signer: found", "--witness", "WITNESS", "--release-signer", "alice")]
    [InlineData("witness_threshold: ", "--witness", "WITNESS", "--witness-threshold", "2")]
    [InlineData("epoch_seconds: ", "--witness", "WITNESS", "--epoch-seconds", "0")]
    [InlineData("--certificate and", "--witness", "WITNESS", "--certificate", "log.pem")]
    public async Task What_makes_no_authority_is_refused_in_one_line_before_anything_is_written(string line, params string[] more)
    {
        (int code, _, string error) = await InitAsync([.. more.Select(word => word.Replace("WITNESS", $"{_witness.VerifierKey}=https://witness.example/", StringComparison.Ordinal))]);
        Assert.Equal(1, code);
        Assert.StartsWith($"veil-log: {line}", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Made));
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private Task<byte[]> ReadAsync(string name) => File.ReadAllBytesAsync(Path.Combine(Made, name), TestContext.Current.CancellationToken);

    private Task<(int Code, string Output, string Error)> InitAsync(params string[] more) => LogProgram.RunAsync(_folder, ["init", "made", "--authority", "gateway.example", .. more]);
}

using System.Text.Json;
using Veil.Proofs.TransparencyLog;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Log.Tests;

/// <summary><c>veil-log key</c>, <c>bundle</c> and <c>release</c>, as their operators run them.</summary>
public sealed class ReleaseCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-log-release-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Two_of_three_signers_make_a_release_valid_and_one_does_not()
    {
        await MakeBundleAsync();
        await DoneAsync("release", "sign", "chat.release", "--key", "alice.key", "--name", "chat 1.2", "--service", "chat.example", "--measurement", new string('a', 96));
        Assert.Equal((false, 1), await VerifyAsync());

        await DoneAsync("release", "sign", "chat.release", "--key", "bob.key");
        Assert.Equal((true, 2), await VerifyAsync());

        // A stranger's line neither helps nor harms; the same signer twice is refused.
        await KeyAsync("mallory", "mallory.key");
        await DoneAsync("release", "sign", "chat.release", "--key", "mallory.key");
        Assert.Equal((true, 2), await VerifyAsync());
        (int code, _, string error) = await LogProgram.RunAsync(_folder, "release", "sign", "chat.release", "--key", "bob.key");
        Assert.Equal(1, code);
        Assert.EndsWith("chat.release: bob has signed it already.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_that_was_changed_after_it_was_signed_is_not_valid()
    {
        await MakeBundleAsync();
        await DoneAsync("release", "sign", "chat.release", "--key", "alice.key", "--name", "chat 1.2", "--service", "chat.example", "--measurement", new string('a', 96));
        await DoneAsync("release", "sign", "chat.release", "--key", "bob.key");
        string path = Path.Combine(_folder, "chat.release");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Replace("chat 1.2", "chat 1.3", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal((false, 0), await VerifyAsync());
    }

    [Theory]
    [InlineData("--witness-threshold", "2", "witness_threshold: a whole number from 1 to 1 is wanted.")]
    [InlineData("--release-threshold", "4", "release_threshold: a whole number from 1 to 3 is wanted.")]
    [InlineData("--epoch-seconds", "0", "epoch_seconds: a whole number from 1 to 2678400 is wanted.")]
    public async Task A_bundle_that_clients_would_refuse_is_not_written(string option, string value, string line)
    {
        (int code, _, string error) = await BundleAsync(option, value);
        Assert.Equal((1, $"veil-log: {line}\n"), (code, error));
        Assert.False(File.Exists(Path.Combine(_folder, "trust.json")));
    }

    [Fact]
    public async Task A_bundle_that_is_to_follow_is_signed_line_by_line()
    {
        await MakeBundleAsync();
        byte[] trusted = await File.ReadAllBytesAsync(Path.Combine(_folder, "trust.json"), TestContext.Current.CancellationToken);
        Assert.True(TrustBundle.TryParse(trusted, out TrustBundle? bundle, out _));
        byte[] next = (bundle with { Serial = 2 }).Write();
        await File.WriteAllBytesAsync(Path.Combine(_folder, "next.json"), next, TestContext.Current.CancellationToken);
        foreach (string key in new[] { "authority.key", "alice.key", "bob.key" })
        {
            Assert.False(Follows());
            await DoneAsync("bundle", "sign", "next.json", "--note", "next.note", "--key", key);
        }

        Assert.True(Follows());
        (int code, _, string error) = await LogProgram.RunAsync(_folder, "bundle", "sign", "next.json", "--note", "next.note", "--key", "bob.key");
        Assert.Equal(1, code);
        Assert.EndsWith("next.note: bob has signed it already.\n", error, StringComparison.Ordinal);
        (code, _, error) = await LogProgram.RunAsync(_folder, "bundle", "sign", "trust.json", "--note", "next.note", "--key", "carol.key");
        Assert.Equal(1, code);
        Assert.EndsWith("next.note: holds signatures over another bundle; name another file.\n", error, StringComparison.Ordinal);

        bool Follows() => File.Exists(Path.Combine(_folder, "next.note"))
            && BundleSuccession.TryFollow(bundle, next, File.ReadAllBytes(Path.Combine(_folder, "next.note")), out _, out _);
    }

    private async Task MakeBundleAsync()
    {
        (int code, _, string error) = await BundleAsync("--release-threshold", "2");
        Assert.True(code is 0, error);
        Assert.True(TrustBundle.TryParse(await File.ReadAllBytesAsync(Path.Combine(_folder, "trust.json"), TestContext.Current.CancellationToken), out TrustBundle? bundle, out _));
        Assert.Equal("chat.example/veil", bundle.Origin);
    }

    private async Task<(int Code, string Output, string Error)> BundleAsync(string option, string value)
    {
        string[] signers = [.. await Task.WhenAll(new[] { "alice", "bob", "carol" }.Select(name => KeyAsync(name, $"{name}.key")))];
        return await LogProgram.RunAsync(_folder,
        [
            "bundle", "--authority", "chat.example", "--log-key", await KeyAsync("chat.example/veil", "log.key"), "--authority-key", await KeyAsync("chat.example", "authority.key"),
            "--witness", await KeyAsync("witness.example", "witness.key", "--cosignature"), .. signers.SelectMany(signer => new[] { "--release-signer", signer }),
            "--genesis", "1767225600", "--out", "trust.json", option, value,
        ]);
    }

    private async Task<string> KeyAsync(string name, string file, params string[] more)
    {
        (int code, string output, string error) = await LogProgram.RunAsync(_folder, ["key", name, "--out", file, .. more]);
        Assert.True(code is 0, error);
        Assert.True(NoteVerifierKey.TryParse(output.Trim(), out _));
        return output.Trim();
    }

    private async Task DoneAsync(params string[] arguments)
    {
        (int code, _, string error) = await LogProgram.RunAsync(_folder, arguments);
        Assert.True(code is 0, error);
    }

    private async Task<(bool Valid, int Signers)> VerifyAsync()
    {
        (int code, string output, _) = await LogProgram.RunAsync(_folder, "release", "verify", "chat.release", "--trust", "trust.json", "--json");
        using JsonDocument json = JsonDocument.Parse(output);
        bool valid = json.RootElement.GetProperty("valid").GetBoolean();
        Assert.Equal(valid ? 0 : 1, code);
        return (valid, json.RootElement.GetProperty("signers").GetArrayLength());
    }
}

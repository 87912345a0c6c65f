using System.Text.Json;
using Veil.Common.Tests.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Client.Tests.Cli.Log;

/// <summary><c>veil log verify</c> on what an authority's log gives.</summary>
public sealed class LogVerifyTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 30, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-log-verify-").FullName;
    private readonly TestAuthority _authority = new TestAuthority(new DateTimeOffset(2026, 2, 28, 6, 0, 0, TimeSpan.Zero)).UpTo(30);

    public LogVerifyTests() => Write("trust.json", _authority.Bundle.Write());

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_package_that_clients_rely_on_is_verified_with_its_epoch()
    {
        Write("epoch", _authority.Package(Now).Encode());
        (int code, JsonElement verdict) = await VerifyAsync("epoch", "--at", "2026-03-01T12:31:00Z");
        Assert.Equal(0, code);
        Assert.Equal("epoch package", verdict.GetProperty("kind").GetString());
        Assert.Equal(30, verdict.GetProperty("head").GetProperty("epoch").GetInt64());
        Assert.Equal(31, verdict.GetProperty("size").GetInt64());
        Assert.Equal("2026-03-01T12:30:00Z", verdict.GetProperty("witnessed_at").GetString());
    }

    [Theory]
    [InlineData("2026-03-02T12:31:00Z", nameof(EpochError.ClockUnsure))]
    [InlineData("2026-03-01T12:00:00Z", nameof(EpochError.ClockUnsure))]
    public async Task A_package_at_another_time_is_refused_by_name(string at, string error)
    {
        Write("epoch", _authority.Package(Now).Encode());
        await RefusedAsync(error, "epoch", "--at", at);
    }

    [Fact]
    public async Task A_package_with_one_bit_turned_is_refused()
    {
        byte[] package = _authority.Package(Now).Encode();
        package[40] ^= 1;
        Write("epoch", package);
        (int code, JsonElement verdict) = await VerifyAsync("epoch", "--at", "2026-03-01T12:31:00Z");
        Assert.Equal(1, code);
        Assert.False(verdict.GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task A_proof_is_of_its_entry_and_of_no_other()
    {
        ProvenEntry proven = _authority.Prove(7, _authority.Checkpoint(Now));
        Write("proof", proven.Proof.ToArray());
        Write("entry", proven.Entry.ToArray());
        (int code, JsonElement verdict) = await VerifyAsync("proof", "--entry", "entry");
        Assert.Equal(0, code);
        Assert.Equal(7, verdict.GetProperty("index").GetInt64());

        Write("entry", [.. proven.Entry.Span, (byte)'\n']);
        await RefusedAsync(nameof(EpochError.NotInLog), "proof", "--entry", "entry");
        await RefusedAsync("no entry was given (--entry)", "proof");
    }

    [Fact]
    public async Task A_checkpoint_needs_enough_witnesses()
    {
        Write("checkpoint", _authority.Checkpoint(Now));
        (int code, JsonElement verdict) = await VerifyAsync("checkpoint");
        Assert.Equal(0, code);
        Assert.Equal("checkpoint", verdict.GetProperty("kind").GetString());

        Write("checkpoint", _authority.Checkpoint(Now, witnesses: 1));
        await RefusedAsync(nameof(EpochError.NotWitnessed), "checkpoint");
    }

    [Fact]
    public async Task A_bundle_that_is_none_is_one_clear_line_and_wrong_usage()
    {
        Write("checkpoint", _authority.Checkpoint(Now));
        Write("trust.json", "{}"u8.ToArray());
        (int code, string output, string error) = await VeilCommand.RunAsync(["log", "verify", "checkpoint", "--trust", "trust.json"], folder: _folder);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal("veil: trust.json: not a JSON object of 13 members.\n", error);
    }

    [Fact]
    public async Task People_get_lines()
    {
        Write("checkpoint", _authority.Checkpoint(Now));
        (int code, string output, _) = await VeilCommand.RunAsync(["log", "verify", "checkpoint", "--trust", "trust.json"], folder: _folder);
        Assert.Equal(0, code);
        Assert.StartsWith("checkpoint: verified\nlog         gateway.example/veil, 31 entries\n", output, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string error, params string[] arguments)
    {
        (int code, JsonElement verdict) = await VerifyAsync(arguments);
        Assert.Equal(1, code);
        Assert.Equal(error, verdict.GetProperty("error").GetString());
    }

    private async Task<(int Code, JsonElement Verdict)> VerifyAsync(params string[] arguments)
    {
        (int code, string output, string error) = await VeilCommand.RunAsync(["log", "verify", .. arguments, "--trust", "trust.json", "--json"], folder: _folder);
        Assert.Equal("", error);
        return (code, JsonDocument.Parse(output).RootElement.Clone());
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_folder, name), bytes);
}

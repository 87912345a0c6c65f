using System.Text.Json;
using Veil.Common.Tests.Transparency;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Client.Tests.Cli.Trust;

/// <summary><c>veil trust update</c>: a bundle is replaced by one that follows it, and by no other.</summary>
public sealed class TrustUpdateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-trust-").FullName;
    private readonly TestAuthority _authority = new(new DateTimeOffset(2026, 2, 28, 6, 0, 0, TimeSpan.Zero));
    private readonly NoteSigner _witness = NoteSigner.Generate("witness.example/3", NoteKeyType.Cosignature);

    public TrustUpdateTests() => Write("trust.json", _authority.Bundle.Write());

    [Fact]
    public async Task A_bundle_that_follows_takes_its_place_and_what_changes_is_told()
    {
        TrustBundle next = _authority.Bundle with { Serial = 2, Witnesses = [_authority.Bundle.Witnesses[0], _witness.VerifierKey], WitnessThreshold = 1 };
        WriteSigned(next, 2);
        (int code, string output, string error) = await UpdateAsync();
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith($"{PathOf("trust.json")} is now serial 2 of gateway.example\n", output, StringComparison.Ordinal);
        Assert.Contains($"- witness {_authority.Bundle.Witnesses[1]}\n+ witness {_witness.VerifierKey}\n  witnesses needed 2 -> 1", output, StringComparison.Ordinal);
        Assert.Equal(next.Write(), await File.ReadAllBytesAsync(PathOf("trust.json"), TestContext.Current.CancellationToken));
        Assert.Equal(["next.json", "next.note", "trust.json"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // The same again does not follow itself.
        (code, output, _) = await UpdateAsync("--json");
        JsonElement verdict = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1, false), (code, verdict.GetProperty("replaced").GetBoolean()));
        Assert.StartsWith("its serial is 2", verdict.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_that_too_few_signed_is_refused_and_the_trusted_one_stays()
    {
        WriteSigned(_authority.Bundle with { Serial = 2 }, 1);
        (int code, string output, _) = await UpdateAsync();
        Assert.Equal((1, $"refused: 1 release signers have signed it, and 2 are needed. {PathOf("trust.json")} stays as it is.\n"), (code, output));
        Assert.Equal(_authority.Bundle.Write(), await File.ReadAllBytesAsync(PathOf("trust.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_is_absent_or_no_bundle_is_told_in_one_line()
    {
        WriteSigned(_authority.Bundle with { Serial = 2 }, 2);
        File.Delete(PathOf("next.note"));
        (int code, _, string error) = await UpdateAsync();
        Assert.Equal(2, code);
        Assert.Single(error.TrimEnd().Split('\n'));
        Write("next.note", []);
        Write("trust.json", "nothing"u8.ToArray());
        (code, _, error) = await UpdateAsync();
        Assert.Equal((2, $"veil: {PathOf("trust.json")}: not one JSON object with each member once.\n"), (code, error));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _witness.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(PathOf(name), bytes);

    private void WriteSigned(TrustBundle next, int releaseSigners)
    {
        byte[] text = BundleSuccession.NoteText(next.Write());
        Write("next.json", next.Write());
        Write("next.note", [.. _authority.AuthorityKey.Sign(text), .. _authority.ReleaseSigners.Take(releaseSigners).SelectMany(signer => signer.SignatureLine(text))]);
    }

    private Task<(int Code, string Output, string Error)> UpdateAsync(params string[] more) =>
        VeilCommand.RunAsync(["trust", "update", PathOf("next.json"), "--note", PathOf("next.note"), "--trust", PathOf("trust.json"), .. more]);
}

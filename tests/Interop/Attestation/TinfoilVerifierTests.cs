using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.Interop.Attestation;

/// <summary>Our verdicts beside those of <c>@tinfoilsh/verifier</c>, a verifier of Genoa reports with a policy of its own.</summary>
public static class TinfoilVerifierTests
{
    /// <summary>The one that it accepts; it must go on doing so, or nothing would be compared.</summary>
    private const string Accepted = "genoa-v3-tinfoil-tls";

    private const int OuterHeader = 4;
    private const int SignatureSize = 512;

    /// <summary>Pieces that we find genuine and it refuses, each with what it says.</summary>
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["genoa-v3-azure"] = "TSME (transparent SME) is required but not enabled",
        ["genoa-v5-oak"] = "Reserved bytes before signature are not zeroed",
        ["milan-v2-azure-hcl"] = "Product name must be \"Genoa\"",
        ["milan-v2-virtee"] = "Product name must be \"Genoa\"",
        ["milan-v3-azure"] = "only supports AMD EPYC Genoa processors",
        ["milan-v3-oak-cb"] = "only supports AMD EPYC Genoa processors",
        ["milan-v3-oak-containers"] = "only supports AMD EPYC Genoa processors",
        ["milan-v3-vlek-aws"] = "only supports VCEK-signed attestation reports",
        ["milan-v5-gcp"] = "Reserved bytes before signature are not zeroed",
        ["milan-v5-gcp-x25519"] = "Reserved bytes before signature are not zeroed",
        ["turin-v5-oak"] = "Reserved bits in current_tcb",
    };

    [Fact]
    public static async Task It_accepts_nothing_that_we_refuse_and_refuses_what_we_accept_for_known_reasons()
    {
        await ForeignPackages.RequireAsync();
        SnpPiece[] pieces = SnpPiece.ReadAll();
        (bool Accepted, string Said)[] theirs = await JudgeAsync([.. pieces.Select(piece => (piece.Report, piece.Leaf))]);
        for (int i = 0; i < pieces.Length; i++)
        {
            bool ours = pieces[i].Appraise(pieces[i].At).Passed;
            Assert.True(ours || !theirs[i].Accepted, $"{pieces[i].Id}: it accepts what we refuse.");
            Assert.Equal(pieces[i].Id == Accepted, theirs[i].Accepted);
            if (ours && !theirs[i].Accepted)
                Assert.Contains(Differences[pieces[i].Id], theirs[i].Said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public static async Task Both_refuse_every_altered_report_and_the_certificates_of_others()
    {
        await ForeignPackages.RequireAsync();
        SnpPiece[] pieces = SnpPiece.ReadAll();
        SnpPiece genuine = pieces.Single(piece => piece.Id == Accepted);
        var random = new Random(8);
        var altered = new List<(byte[] Report, byte[] Leaf)>();
        for (int i = 0; i < 60; i++)
        {
            byte[] report = [.. genuine.Report];
            byte[] leaf = [.. genuine.Leaf];
            if (i < 40)
                report[random.Next(report.Length)] ^= (byte)(1 << random.Next(8));
            else
                leaf[RandomPosition(random, leaf)] ^= (byte)(1 << random.Next(8));
            altered.Add((report, leaf));
        }

        altered.AddRange(pieces.Where(piece => piece.Id != Accepted).Select(piece => (genuine.Report, piece.Leaf)));
        (bool Accepted, string Said)[] theirs = await JudgeAsync(altered);
        for (int i = 0; i < altered.Count; i++)
        {
            Assert.False(genuine.Appraise(genuine.At, altered[i].Report, altered[i].Leaf).Passed);
            Assert.False(theirs[i].Accepted, $"It accepts alteration {i}.");
        }
    }

    [Fact]
    public static async Task It_overlooks_what_is_not_signed_in_a_certificate_and_we_do_not()
    {
        await ForeignPackages.RequireAsync();
        SnpPiece genuine = SnpPiece.ReadAll().Single(piece => piece.Id == Accepted);

        // The copy of the signature's algorithm that stands behind the signed part.
        byte[] leaf = [.. genuine.Leaf];
        leaf[SignedEnd(leaf) + 15] ^= 1;
        (bool Accepted, string Said)[] theirs = await JudgeAsync([(genuine.Report, leaf)]);
        Assert.True(theirs[0].Accepted, theirs[0].Said);
        Assert.Equal([CheckNames.Endorsements], genuine.Appraise(genuine.At, leaf: leaf).Failures.Select(check => check.Name));
    }

    /// <summary>A byte of the signed part or of the signature.</summary>
    private static int RandomPosition(Random random, byte[] leaf) =>
        random.Next(2) == 0 ? random.Next(OuterHeader, SignedEnd(leaf)) : random.Next(leaf.Length - SignatureSize, leaf.Length);

    private static int SignedEnd(byte[] leaf) => OuterHeader + OuterHeader + BinaryPrimitives.ReadUInt16BigEndian(leaf.AsSpan(OuterHeader + 2));

    private static async Task<(bool Accepted, string Said)[]> JudgeAsync(IReadOnlyList<(byte[] Report, byte[] Leaf)> pieces)
    {
        using Process verifier = Process.Start(await ForeignPackages.ScriptAsync("verifier.mjs"))!;
        Task<string> errors = verifier.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> output = verifier.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var input = new JsonArray([.. pieces.Select(piece => (JsonNode)new JsonObject { ["report"] = Convert.ToBase64String(piece.Report), ["vcek"] = Convert.ToBase64String(piece.Leaf) })]);
        await verifier.StandardInput.WriteAsync(input.ToJsonString());
        verifier.StandardInput.Close();
        await verifier.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(verifier.ExitCode == 0, await errors);
        return [.. JsonDocument.Parse(await output).RootElement.EnumerateArray().Select(verdict => (verdict.GetProperty("accepted").GetBoolean(), verdict.GetProperty("said").GetString()!))];
    }
}

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.Interop.Attestation;

/// <summary>Our verdicts on TDX quotes beside those of <c>@phala/dcap-qvl</c>, with the same collateral at the same times.</summary>
public static class DcapQvlTests
{
    private const string NoLevel = "No matching TCB level found";

    /// <summary>Pieces on which it says something else than Intel's evaluation, and what it says.</summary>
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["v4-azure-vtpm"] = NoLevel,
        ["v4-gcp-cos113"] = "OutOfDate",
    };

    [Fact]
    public static async Task It_says_what_we_say_but_where_a_module_has_levels_of_its_own()
    {
        await ForeignPackages.RequireAsync();
        TdxQuotePiece[] pieces = TdxQuotePiece.ReadAll();
        (bool Accepted, string Said)[] theirs = await JudgeAsync([.. pieces.Select(piece => piece.ToJson())]);
        for (int i = 0; i < pieces.Length; i++)
        {
            Verdict ours = pieces[i].Appraise();
            bool differs = Differences.TryGetValue(pieces[i].Id, out string? said);
            Assert.True(ours.Passed || !theirs[i].Accepted, $"{pieces[i].Id}: it accepts what we refuse.");
            if (differs)
                Assert.Equal(said, theirs[i].Said);
            else if (ours.Passed)
                Assert.Equal(pieces[i].TcbStatus, theirs[i].Said);
            else
                Assert.False(theirs[i].Accepted);
        }
    }

    [Fact]
    public static async Task Both_refuse_a_turned_bit_a_cut_and_another_time()
    {
        await ForeignPackages.RequireAsync();
        TdxQuotePiece[] genuine = [.. TdxQuotePiece.ReadAll().Where(piece => piece.Id is "v4-phala" or "v5-gotdxguest")];
        Assert.Equal(2, genuine.Length);
        var random = new Random(12);
        var altered = new List<(JsonObject Json, Verdict Ours)>();
        foreach (TdxQuotePiece piece in genuine)
        {
            int certificates = piece.Quote.AsSpan().IndexOf("-----BEGIN"u8);
            for (int i = 0; i < 30; i++)
            {
                byte[] turned = [.. piece.Quote];
                turned[random.Next(certificates)] ^= (byte)(1 << random.Next(8));
                byte[] quote = i < 24 ? turned : piece.Quote[..random.Next(certificates)];
                altered.Add((piece.ToJson(quote: quote), piece.Appraise(quote: quote)));
            }

            foreach (int years in new[] { -3, 3 })
                altered.Add((piece.ToJson(at: piece.At.AddYears(years)), piece.Appraise(at: piece.At.AddYears(years))));
        }

        (bool Accepted, string Said)[] theirs = await JudgeAsync([.. altered.Select(one => one.Json)]);
        Assert.All(altered, one => Assert.False(one.Ours.Passed));
        Assert.All(theirs, one => Assert.False(one.Accepted, one.Said));
    }

    private static async Task<(bool Accepted, string Said)[]> JudgeAsync(IEnumerable<JsonObject> pieces)
    {
        using Process verifier = Process.Start(await ForeignPackages.ScriptAsync("quotes.mjs"))!;
        Task<string> errors = verifier.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> output = verifier.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await verifier.StandardInput.WriteAsync(new JsonArray([.. pieces]).ToJsonString());
        verifier.StandardInput.Close();
        await verifier.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(verifier.ExitCode == 0, await errors);
        return [.. JsonDocument.Parse(await output).RootElement.EnumerateArray().Select(verdict => (verdict.GetProperty("accepted").GetBoolean(), verdict.GetProperty("said").GetString()!))];
    }
}

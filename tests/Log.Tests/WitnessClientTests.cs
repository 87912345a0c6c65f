using System.Net;
using System.Text;
using Veil.Transparency;
using Veil.TransparencyLog;
using Veil.TransparencyLog.Publishing;

namespace Veil.Log.Tests;

/// <summary>What a log takes from a witness, whatever the witness sends.</summary>
public static class WitnessClientTests
{
    private static readonly NoteSigner LogKey = NoteSigner.Generate("log.example/veil", NoteKeyType.Ed25519);
    private static readonly NoteSigner WitnessKey = NoteSigner.Generate("witness.example/w", NoteKeyType.Cosignature);

    /// <summary>One instant, so that a line is the same whenever it is made.</summary>
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("its line alone")]
    [InlineData("a line of somebody else before it")]
    [InlineData("lines of many others behind it")]
    [InlineData("its line twice")]
    public static async Task Its_own_line_is_taken_and_nothing_else(string sent)
    {
        byte[] line = LineOf(Checkpoint());
        string own = Encoding.UTF8.GetString(line);
        string foreign = $"\u2014 other.example/w {Convert.ToBase64String(new byte[100])}\n";
        (byte[]? taken, _) = await CosignAsync(sent switch
        {
            "its line alone" => own,
            "its line twice" => own + own,
            "a line of somebody else before it" => foreign + own,
            _ => own + string.Concat(Enumerable.Repeat(foreign, 120)),
        });
        Assert.Equal(line, taken);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("another text, that it signed, behind ours")]
    [InlineData("a line over another checkpoint")]
    [InlineData("more lines than a note may have")]
    [InlineData("a control character")]
    public static async Task An_answer_that_is_not_its_line_over_this_text_is_refused(string sent)
    {
        string own = Encoding.UTF8.GetString(LineOf(Checkpoint()));
        byte[] longer = [.. WitnessClient.TextOf(Checkpoint()), .. "\nmore\n"u8];
        (byte[]? taken, string reason) = await CosignAsync(sent switch
        {
            "nothing" => "",
            "another text, that it signed, behind ours" => "more\n\n" + Encoding.UTF8.GetString(LineOver(longer)),
            "a line over another checkpoint" => Encoding.UTF8.GetString(LineOf(Checkpoint(size: 2))),
            "more lines than a note may have" => string.Concat(Enumerable.Repeat(own, SignedNote.MaxSignatures + 1)),
            _ => own + "\u0007\n",
        });
        Assert.Null(taken);
        Assert.Equal("its cosignature does not verify", reason);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public static async Task A_cosignature_of_a_wrong_clock_is_named_and_not_counted(int seconds)
    {
        (byte[]? taken, string reason) = await CosignAsync(Encoding.UTF8.GetString(LineOver(WitnessClient.TextOf(Checkpoint()), Now.AddSeconds(seconds))));
        Assert.Null(taken);
        Assert.Contains("its clock is", reason, StringComparison.Ordinal);
    }

    private static GrowingTree Tree(int size)
    {
        var tree = new GrowingTree();
        for (int i = 0; i < size; i++)
            tree.Append(MerkleTree.LeafHash(Encoding.ASCII.GetBytes($"entry {i}")));
        return tree;
    }

    private static byte[] Checkpoint(int size = 3) => LogKey.Sign(new Checkpoint("log.example/veil", size, Tree(size).Root(size)).Write());

    private static byte[] LineOf(ReadOnlySpan<byte> note) => LineOver(WitnessClient.TextOf(note));

    private static byte[] LineOver(ReadOnlySpan<byte> text, DateTimeOffset? time = null) => WitnessKey.CosignatureLine(text, time ?? Now);

    private static async Task<(byte[]? Line, string Reason)> CosignAsync(string body)
    {
        using var http = new HttpClient(new Answering(body));
        var witness = new WitnessClient(new WitnessEndpoint { Url = new Uri("https://witness.example/"), Key = WitnessKey.VerifierKey.ToString() }, WitnessKey.VerifierKey, http, TimeProvider.System);
        return await witness.CosignAsync(Checkpoint(), Tree(3), 3, Cancellation);
    }

    private sealed class Answering(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) });
    }
}

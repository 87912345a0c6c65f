using System.Text;

namespace Veil.EndToEnd;

/// <summary>The scan finds what is planted: otherwise its silence means nothing.</summary>
public static class CanaryScanTests
{
    private const string Canary = "canary-5f1d0c7be2";

    public static TheoryData<string, string> Leaks() => new()
    {
        { "plain", $"before {Canary} after" },
        { "base64", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Canary} after")) },
        { "base64", Convert.ToBase64String(Encoding.ASCII.GetBytes($"x{Canary} after")) },
        { "base64", Convert.ToBase64String(Encoding.ASCII.GetBytes($"xy{Canary}?>?>")) },
        { "base64", Convert.ToBase64String(Encoding.ASCII.GetBytes($"the word is {Canary}")).Replace('+', '-').Replace('/', '_') },
        { "hex", Convert.ToHexString(Encoding.ASCII.GetBytes($"id={Canary}")) },
        { "hex", Convert.ToHexStringLower(Encoding.ASCII.GetBytes($"id={Canary}")) },
        { "percent-encoded", string.Concat(Encoding.ASCII.GetBytes(Canary).Select(letter => $"%{letter:X2}")) },
    };

    [Theory]
    [MemberData(nameof(Leaks))]
    public static void A_planted_leak_is_found(string form, string text) => Assert.Equal(form, new CanaryScan(Canary).FindIn(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public static void Nothing_is_found_where_nothing_was_planted() =>
        Assert.Null(new CanaryScan(Canary).FindIn(Encoding.ASCII.GetBytes("canary-5f1d0c7be1 " + Convert.ToBase64String(Encoding.ASCII.GetBytes("canary")))));
}

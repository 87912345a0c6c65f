using System.Diagnostics;
using System.Text.Json;

namespace Veil.Interop;

/// <summary>Draws with the foreign package: <c>client.mjs</c>.</summary>
internal static class ForeignClient
{
    /// <summary>Draws tokens and gives the Authorization fields that the package wrote.</summary>
    /// <param name="field">The WWW-Authenticate field of a 401.</param>
    /// <param name="issuer">Our issuer.</param>
    /// <param name="account">An API key.</param>
    /// <param name="rootFile">PEM roots of the issuer's certificate.</param>
    /// <param name="count">How many.</param>
    /// <param name="way"><c>single</c>, one by one; <c>generic</c> or <c>amortized</c>, in one batch.</param>
    public static async Task<string[]> DrawAsync(string field, Uri issuer, string account, string rootFile, int count, string way)
    {
        ProcessStartInfo start = await ForeignPackages.ScriptAsync("client.mjs");
        start.Environment["NODE_EXTRA_CA_CERTS"] = rootFile;
        using Process client = Process.Start(start)!;
        Task<string> errors = client.StandardError.ReadToEndAsync();
        await client.StandardInput.WriteAsync(JsonSerializer.Serialize(new { field, issuer, account, count, way }));
        client.StandardInput.Close();
        string output = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        Assert.True(client.ExitCode == 0, await errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

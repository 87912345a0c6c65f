using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Veil.Interop.Attestation;

/// <summary><c>openssl verify</c> with one trusted root and no system store, at a given time.</summary>
internal static class OpensslVerify
{
    /// <summary>Runs it; skips the test where there is no openssl.</summary>
    public static async Task<(bool Accepted, string Said)> RunAsync(string folder, byte[] root, byte[][] intermediates, byte[] leaf, DateTimeOffset at)
    {
        string time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string[] untrusted = intermediates.Length == 0 ? [] : ["-untrusted", Write(folder, "intermediate", intermediates)];
        var start = new ProcessStartInfo(
            "openssl", ["verify", "-attime", time, "-no-CApath", "-no-CAstore", "-CAfile", Write(folder, "root", [root]), .. untrusted, Write(folder, "leaf", [leaf])])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process openssl = Process.Start(start)!;
            Task<string> errors = openssl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await openssl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await openssl.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (openssl.ExitCode == 0, output + await errors);
        }
        catch (Win32Exception)
        {
            Assert.Skip("The program openssl is not installed.");
            throw;
        }
    }

    private static string Write(string folder, string name, byte[][] certificates)
    {
        string path = Path.Combine(folder, name + ".pem");
        File.WriteAllLines(path, certificates.Select(der => PemEncoding.WriteString("CERTIFICATE", der)));
        return path;
    }
}

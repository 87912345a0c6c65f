using System.Runtime.Versioning;
using Veil.KeyStore;

namespace Veil.Common.Tests.KeyStore;

public sealed class WrappingKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_was_made_can_be_read_and_is_never_overwritten()
    {
        string path = _folder["wrap.key"];
        WrappingKey.CreateFile(path);
        WrappingKey.From(new KeyStoreOptions { WrappingKeyFile = path }).Dispose();
        Assert.Throws<KeyStoreException>(() => WrappingKey.CreateFile(path));
    }

    [Fact]
    public void A_raw_file_of_32_bytes_is_a_key()
    {
        File.WriteAllBytes(_folder["raw"], new byte[32]);
        Restrict(_folder["raw"]);
        WrappingKey.From(new KeyStoreOptions { WrappingKeyFile = _folder["raw"] }).Dispose();
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void A_file_that_others_can_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes to check.");
        File.WriteAllBytes(_folder["open"], new byte[32]);
        File.SetUnixFileMode(_folder["open"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var refused = Assert.Throws<KeyStoreException>(() => WrappingKey.From(new KeyStoreOptions { WrappingKeyFile = _folder["open"] }));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    public void A_file_that_holds_no_key_is_refused_without_quoting_it(string content)
    {
        File.WriteAllText(_folder["bad"], content);
        Restrict(_folder["bad"]);
        var refused = Assert.Throws<KeyStoreException>(() => WrappingKey.From(new KeyStoreOptions { WrappingKeyFile = _folder["bad"] }));
        Assert.DoesNotContain("not base64!", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_source_is_named()
    {
        Assert.Contains("nowhere", Refusal(new KeyStoreOptions { WrappingKeyFile = _folder["nowhere"] }), StringComparison.Ordinal);
        Assert.Contains("VEIL_NO_SUCH", Refusal(new KeyStoreOptions { WrappingKeyVariable = "VEIL_NO_SUCH" }), StringComparison.Ordinal);
        Assert.Contains("no-such-program", Refusal(new KeyStoreOptions { WrappingKeyCommand = ["no-such-program"] }), StringComparison.Ordinal);
        Assert.Contains("exit code 3", Refusal(new KeyStoreOptions { WrappingKeyCommand = ["sh", "-c", "exit 3"] }), StringComparison.Ordinal);
        Assert.Contains("Exactly one", Refusal(new KeyStoreOptions()), StringComparison.Ordinal);
        Assert.Contains("Exactly one", Refusal(new KeyStoreOptions { WrappingKeyVariable = "A", WrappingKeyFile = "B" }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_and_a_command_give_the_key_as_base64()
    {
        string text = Convert.ToBase64String(new byte[32]);
        Environment.SetEnvironmentVariable("VEIL_TEST_WRAPPING_KEY", text);
        WrappingKey.From(new KeyStoreOptions { WrappingKeyVariable = "VEIL_TEST_WRAPPING_KEY" }).Dispose();
        WrappingKey.From(new KeyStoreOptions { WrappingKeyCommand = ["echo", text] }).Dispose();
    }

    private static string Refusal(KeyStoreOptions options) => Assert.Throws<KeyStoreException>(() => WrappingKey.From(options)).Message;

    private static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

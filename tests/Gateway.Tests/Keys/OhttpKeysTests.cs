using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Veil.Gateway.Keys;
using Veil.KeyStore;

namespace Veil.Gateway.Tests.Keys;

public sealed class OhttpKeysTests : IDisposable
{
    private static readonly DateTimeOffset Midnight = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("veil-keys-").FullName;
    private readonly ManualClock _clock = new(Midnight - TimeSpan.FromMinutes(90));
    private readonly OhttpKeys _keys;

    public OhttpKeysTests()
    {
        string wrapping = Path.Combine(_folder, "wrapping.key");
        File.WriteAllText(wrapping, Convert.ToBase64String(new byte[32]));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(wrapping, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var options = new OhttpKeyOptions { Store = new KeyStoreOptions { Directory = Path.Combine(_folder, "keys"), WrappingKeyFile = wrapping } };
        _keys = new OhttpKeys(Options.Create(options), _clock, NullLogger<OhttpKeys>.Instance);
    }

    public void Dispose()
    {
        _keys.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_document_before_a_takeover_is_told_for_the_overlap_and_no_longer()
    {
        byte[] before = _keys.Advertised!.Bytes.ToArray();
        Assert.True(_keys.Advertised.Previous.IsEmpty);
        _clock.Advance(TimeSpan.FromMinutes(30));
        _keys.Refresh();
        Assert.Equal(before, _keys.Advertised.Bytes.ToArray());

        _clock.Advance(TimeSpan.FromMinutes(60));
        _keys.Refresh();
        Assert.NotEqual(before, _keys.Advertised.Bytes.ToArray());
        Assert.Equal(before, _keys.Advertised.Previous.ToArray());

        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Equal(before, _keys.Advertised.Previous.ToArray());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_keys.Advertised.Previous.IsEmpty);
    }

    [Fact]
    public void Keys_that_are_gone_are_neither_accepted_nor_told()
    {
        byte keyId = KeyId();
        Assert.NotNull(_keys.Accepted.Find(keyId));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_folder, "keys"), "*.key"))
        {
            File.Delete(file);
        }

        _keys.Refresh();

        Assert.Null(_keys.Accepted.Find(keyId));
        Assert.Null(_keys.Advertised);
    }

    [Fact]
    public void A_grace_that_does_not_cover_the_overlap_is_named()
    {
        var options = new OhttpKeyOptions
        {
            Store = new KeyStoreOptions { Directory = "keys", WrappingKeyFile = "file" },
            Grace = TimeSpan.FromMinutes(4),
        };

        string problem = Assert.Single(new OhttpKeyOptionsRules().Validate(null, options).Failures!);

        Assert.StartsWith("Keys:Grace: found \"00:04:00\"; allowed: at least Keys:Overlap, 00:05:00", problem, StringComparison.Ordinal);
    }

    /// <summary>The collection holds one configuration behind its length.</summary>
    private byte KeyId() => _keys.Advertised!.Bytes.Span[2];
}

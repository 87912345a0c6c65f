using System.Text;
using Veil.Hpke;
using Veil.TransparencyLog.Monitoring;

namespace Veil.Log.Tests.Monitoring;

public static class PublishedKeysTests
{
    private static readonly byte[] Directory = LoggedDocuments.IssuerKeys((1, null), (2, DateTimeOffset.UnixEpoch.AddDays(9)));

    [Fact]
    public static void Keys_are_read_in_their_order()
    {
        Assert.True(PublishedKeys.TryReadConfigurations(LoggedDocuments.OhttpKeys(1, 2), out IReadOnlyList<ReadOnlyMemory<byte>>? configurations));
        Assert.Equal([LoggedDocuments.KeyConfig(1, 1), LoggedDocuments.KeyConfig(2, 2)], configurations.Select(configuration => configuration.ToArray()));
        Assert.True(PublishedKeys.TryReadTokenKeys(Directory, out IReadOnlyList<PublishedTokenKey>? keys));
        Assert.Equal([new(2, "AAA1", null), new(2, "AAA2", 9 * 86_400)], keys);
    }

    /// <summary>The monitor refers to no HPKE, so it has the table's first column of its own.</summary>
    [Fact]
    public static void The_KEMs_of_clients_are_those_of_the_monitor() => Assert.Equal(Kem.All.Select(kem => kem.Id).Order(), AnnouncementWatch.KnownKems.Order());

    [Fact]
    public static void Every_truncation_is_refused_or_read_and_any_changed_byte_does_not_throw()
    {
        byte[] configurations = LoggedDocuments.OhttpKeys(1, 2);
        for (int length = 1; length < configurations.Length; length++)
            Assert.Equal(length == configurations.Length / 2, PublishedKeys.TryReadConfigurations(configurations.AsMemory(0, length), out _));
        for (int length = 0; length < Directory.Length; length++)
            Assert.False(PublishedKeys.TryReadTokenKeys(Directory.AsMemory(0, length), out _));
        for (int at = 0; at < Directory.Length; at++)
        {
            byte[] changed = [.. Directory];
            changed[at] ^= 0x80;
            PublishedKeys.TryReadTokenKeys(changed, out _);
        }
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{"token-keys":{}}""")]
    [InlineData("""{"token-keys":[1]}""")]
    [InlineData("""{"token-keys":[{"token-type":65536,"token-key":"AAAA"}]}""")]
    [InlineData("""{"token-keys":[{"token-type":2,"token-key":null}]}""")]
    [InlineData("""{"token-keys":[{"token-type":2,"token-key":"\ud800"}]}""")]
    [InlineData("""{"token-keys":[{"token-type":2,"token-key":"AAAA","token-key":"BBBB"}]}""")]
    [InlineData("""{"token-keys":[{"token-type":2,"token-key":"AAAA","not-before":-1}]}""")]
    [InlineData("""{"token-keys":[{"token-type":2,"token-key":"AAAA","not-before":253402300800}]}""")]
    public static void What_clients_do_not_read_as_a_directory_is_refused(string directory) =>
        Assert.False(PublishedKeys.TryReadTokenKeys(Encoding.UTF8.GetBytes(directory), out _));
}

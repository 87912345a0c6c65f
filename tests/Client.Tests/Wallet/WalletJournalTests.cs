using FsCheck;
using FsCheck.Fluent;
using Veil.ClientSdk;

namespace Veil.Client.Tests.Wallet;

public static class WalletJournalTests
{
    [Fact]
    public static void Any_bytes_are_read_without_throwing() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var contents = new WalletContents();
            _ = WalletJournal.Read(bytes, contents);
            return !contents.Available.Any();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    /// <summary>A crash leaves any prefix of what was not yet flushed; tokens whose frame is whole stay, marks whose frame is whole count.</summary>
    [Fact]
    public static void Every_truncation_keeps_every_whole_frame()
    {
        WalletToken[] drawn = WalletFixture.Draw(3);
        var journal = new List<byte>();
        var ends = new List<int>();
        foreach (WalletToken token in drawn)
        {
            WalletJournal.WriteToken(journal, token);
            ends.Add(journal.Count);
        }

        WalletJournal.WriteMark(journal, drawn[1].Id);
        int marked = journal.Count;

        byte[] bytes = [.. journal];
        for (int length = 0; length <= bytes.Length; length++)
        {
            var contents = new WalletContents();
            bool whole = WalletJournal.Read(bytes.AsSpan(0, length), contents);

            IEnumerable<UInt128> expected = drawn.Where((token, index) => ends[index] <= length && (index != 1 || length < marked)).Select(token => token.Id);
            Assert.Equal(expected.Order(), contents.Available.Select(token => token.Id).Order());
            Assert.Equal(length is 0 || ends.Contains(length) || length == marked, whole);
        }
    }

    [Fact]
    public static void A_mark_after_a_torn_place_still_counts()
    {
        WalletToken token = WalletFixture.Draw(1)[0];
        var journal = new List<byte>();
        WalletJournal.WriteToken(journal, token);
        journal.AddRange(new byte[700]);
        WalletJournal.WriteMark(journal, token.Id);
        var contents = new WalletContents();

        bool whole = WalletJournal.Read([.. journal], contents);

        Assert.False(whole);
        Assert.Empty(contents.Available);
    }

    [Fact]
    public static void A_mark_before_its_token_still_counts()
    {
        WalletToken token = WalletFixture.Draw(1)[0];
        var journal = new List<byte>();
        WalletJournal.WriteMark(journal, token.Id);
        WalletJournal.WriteToken(journal, token);
        var contents = new WalletContents();

        Assert.True(WalletJournal.Read([.. journal], contents));
        Assert.Empty(contents.Available);
    }

    [Fact]
    public static void One_flipped_bit_never_makes_another_token()
    {
        WalletToken token = WalletFixture.Draw(1)[0];
        var journal = new List<byte>();
        WalletJournal.WriteToken(journal, token);
        for (int bit = 0; bit < journal.Count * 8; bit++)
        {
            byte[] flipped = [.. journal];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var contents = new WalletContents();

            Assert.False(WalletJournal.Read(flipped, contents));
            Assert.Empty(contents.Available);
        }
    }
}

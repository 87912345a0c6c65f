using System.Security.Cryptography;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.Log.Tests;

/// <summary>What a crash may leave of a batch, and what it may not.</summary>
public sealed class EntryJournalTests : IDisposable
{
    private const int Page = 4096;
    private const int Acknowledged = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-journal-").FullName;

    private string FilePath => Path.Combine(_folder, "journal");

    /// <summary>A disk takes the pages of a write in any order.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    public void A_batch_of_which_a_page_is_missing_is_cut_off_before_it(int missing)
    {
        long before = Write();
        byte[] torn = File.ReadAllBytes(FilePath);
        Assert.True(before < Page && torn.Length > 10 * Page);
        torn.AsSpan(missing * Page, Page).Clear();
        File.WriteAllBytes(FilePath, torn);

        long left = Count(Acknowledged);
        Assert.InRange(left, Acknowledged, 150);
        Assert.Equal(left, Count(left));
    }

    [Fact]
    public void An_acknowledged_entry_is_never_cut_off()
    {
        Write();
        byte[] damaged = File.ReadAllBytes(FilePath);
        damaged[^20] ^= 1;
        File.WriteAllBytes(FilePath, damaged);

        Assert.Throws<InvalidDataException>(() => Count(Acknowledged + 150));
        Assert.Equal(damaged, File.ReadAllBytes(FilePath));
        Assert.Equal(Acknowledged + 149, Count(Acknowledged + 149));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static LogEntry Entry(int size) => new(RandomNumberGenerator.GetBytes(size));

    /// <summary>A few entries and a batch after them; how many bytes the few have.</summary>
    private long Write()
    {
        using EntryJournal journal = EntryJournal.Open(FilePath, 0, _ => { });
        journal.Append([.. Enumerable.Range(0, Acknowledged).Select(_ => Entry(100))]);
        long before = new FileInfo(FilePath).Length;
        journal.Append([.. Enumerable.Range(0, 150).Select(_ => Entry(300))]);
        return before;
    }

    private long Count(long acknowledged)
    {
        using EntryJournal journal = EntryJournal.Open(FilePath, acknowledged, _ => { });
        return journal.Count;
    }
}

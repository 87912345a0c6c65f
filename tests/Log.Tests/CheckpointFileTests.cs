using System.Text;
using Veil.TransparencyLog.Storage;

namespace Veil.Log.Tests;

/// <summary>A file that keeps a checkpoint whatever a crash does to its last write.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private const int PlaceSize = 64 << 10;
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-checkpoint-").FullName;

    private string FilePath => Path.Combine(_folder, "checkpoint");

    [Fact]
    public void What_was_kept_last_is_there_after_every_start()
    {
        Assert.Null(Start());
        for (int i = 0; i < 5; i++)
        {
            Keep($"checkpoint {i}");
            Assert.Equal($"checkpoint {i}", Start());
        }

        Keep(new string('x', CheckpointFile.MaxNote));
        Assert.Equal(CheckpointFile.MaxNote, Start()!.Length);
        using CheckpointFile file = CheckpointFile.Open(FilePath);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Keep(new byte[CheckpointFile.MaxNote + 1]));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_write_that_was_torn_at_any_byte_leaves_the_one_before(int writes)
    {
        for (int i = 1; i < writes; i++)
            Keep($"checkpoint {i}");
        byte[] before = File.ReadAllBytes(FilePath);
        Keep($"checkpoint {writes}");
        byte[] after = File.ReadAllBytes(FilePath);
        int place = before.AsSpan(0, PlaceSize).SequenceEqual(after.AsSpan(0, PlaceSize)) ? PlaceSize : 0;
        int written = 12 + $"checkpoint {writes}".Length + 8;
        for (int reached = 0; reached < written; reached++)
        {
            byte[] torn = [.. before];
            after.AsSpan(place, reached).CopyTo(torn.AsSpan(place));
            File.WriteAllBytes(FilePath, torn);

            // Where the rest happens to be the same already, the write is whole.
            Assert.Equal($"checkpoint {(torn.AsSpan().SequenceEqual(after) ? writes : writes - 1)}", Start());
        }

        // And it is written over by the next.
        Keep("the next");
        Assert.Equal("the next", Start());
    }

    [Fact]
    public void A_first_write_that_was_torn_leaves_none_and_a_file_that_is_damaged_in_both_places_is_refused()
    {
        Keep("first");
        byte[] bytes = File.ReadAllBytes(FilePath);
        int place = bytes[7] is 1 ? 0 : PlaceSize;
        bytes[place + 12] ^= 1;
        File.WriteAllBytes(FilePath, bytes);
        Assert.Null(Start());

        bytes[PlaceSize - place] ^= 1;
        File.WriteAllBytes(FilePath, bytes);
        Assert.Throws<InvalidDataException>(Start);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(PlaceSize + 1)]
    public void A_file_that_a_crash_left_short_is_made_whole(int length)
    {
        File.WriteAllBytes(FilePath, new byte[length]);
        Assert.Null(Start());
        Assert.Equal(2 * PlaceSize, new FileInfo(FilePath).Length);
        Keep("first");
        Assert.Equal("first", Start());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Keep(string note)
    {
        using CheckpointFile file = CheckpointFile.Open(FilePath);
        file.Keep(Encoding.ASCII.GetBytes(note));
        Assert.Equal(note, Encoding.ASCII.GetString(file.Current!));
    }

    private string? Start()
    {
        using CheckpointFile file = CheckpointFile.Open(FilePath);
        return file.Current is { } note ? Encoding.ASCII.GetString(note) : null;
    }
}

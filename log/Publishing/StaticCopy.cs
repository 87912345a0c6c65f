using System.Threading.Channels;
using Veil.Transparency;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Publishing;

/// <summary>
/// The log as plain files for any other web server (C2SP tlog-tiles): <c>public/tile/…</c> and, once they are there, <c>public/checkpoint</c>. It follows what is published, a moment
/// behind under load, and nobody waits for it. All tiles are written anew after a start, as a loss of power may have emptied some.
/// </summary>
internal sealed class StaticCopy
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>Under load one checkpoint of many is copied, with the tiles of all: files of a few entries each would be the most of the work.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string _public;
    private readonly LogFolder _folder;
    private readonly ILogger _logger;

    /// <summary>Holds the newest checkpoint alone: one in between need not be written.</summary>
    private readonly Channel<(long Size, byte[] Checkpoint)> _owed =
        Channel.CreateBounded<(long, byte[])>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private long _tiled;

    /// <param name="folder">The log's own folder, in which <c>public</c> is made.</param>
    /// <param name="log">What is copied.</param>
    /// <param name="logger">For a disk that refuses.</param>
    public StaticCopy(string folder, LogFolder log, ILogger logger)
    {
        _public = Path.Combine(folder, "public");
        (_folder, _logger) = (log, logger);
    }

    /// <summary>Has a published checkpoint copied.</summary>
    public void Follow(long size, byte[] checkpoint) => _owed.Writer.TryWrite((size, checkpoint));

    /// <summary>Copies until nothing more is published; what is owed then is still copied.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using CancellationTokenRegistration end = stoppingToken.Register(() => _owed.Writer.TryComplete());
        while (await _owed.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (!_owed.Reader.TryRead(out (long Size, byte[] Checkpoint) owed))
                continue;
            bool isWritten = TryWrite(owed.Size, owed.Checkpoint);
            await Task.Delay(isWritten ? Pause : Retry, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // What could not be written is tried again, unless a newer one has taken its place.
            if (!isWritten && _owed.Reader.Count is 0)
                Follow(owed.Size, owed.Checkpoint);
        }
    }

    private bool TryWrite(long size, byte[] checkpoint)
    {
        try
        {
            foreach (TilePath tile in Changed(size))
            {
                string file = Path.Combine(_public, tile.ToString());

                // A tile's bytes are settled by its name.
                if (_tiled is 0 || !File.Exists(file))
                    WholeFile.Write(file, _folder.Read(tile, size) ?? throw new InvalidOperationException("A tile that the size implies is not there."));
            }

            _tiled = size;
            WholeFile.Write(Path.Combine(_public, "checkpoint"), checkpoint);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.CopyFailed(failure.GetType().Name);
            return false;
        }
    }

    /// <summary>Every tile that the entries since the last time change: full ones once, partial ones under their width.</summary>
    private IEnumerable<TilePath> Changed(long size)
    {
        IEnumerable<TilePath> tiles = TilePath.All(null, size, _tiled);
        for (int level = 0; size >> (level * TilePath.LevelHeight) > 0; level++)
            tiles = tiles.Concat(TilePath.All(level, size >> (level * TilePath.LevelHeight), _tiled >> (level * TilePath.LevelHeight)));
        return tiles;
    }
}

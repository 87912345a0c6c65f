using System.Collections.Concurrent;

namespace Veil.ClientSdk;

/// <summary>
/// Tokens on disk, shared by the threads of this process and by other processes. A token is marked as in flight, and the mark is on the disk,
/// before <see cref="TakeAsync"/> gives it out; no mark is ever taken back. So a crash costs at most the tokens whose requests may have left, and no
/// token is given out twice. Only a mark takes a token out: that a view does not list its kind proves nothing, since wallets are shared and views can lie.
/// </summary>
internal sealed class TokenWallet : IDisposable
{
    /// <summary>Marks that a journal may hold before it is written anew without them: about 100 KiB.</summary>
    private const int MaxMarks = 256;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentQueue<Taking> _takings = new();

    // What the last transaction left: valid as long as the file's generation stays and it only grows.
    private WalletContents _contents = new();
    private UInt128 _generation;
    private long _end;
    private int _disposed;

    public TokenWallet(string path) => _path = path;

    /// <summary>Keeps tokens; on return they survive a crash.</summary>
    public Task AddAsync(IReadOnlyCollection<WalletToken> tokens, CancellationToken cancellationToken) => TransactAsync(
        file =>
        {
            var frames = new List<byte>();
            foreach (WalletToken token in tokens)
            {
                WalletJournal.WriteToken(frames, token);
            }

            Append(file, frames);
            return 0;
        },
        cancellationToken);

    /// <summary>
    /// So many tokens of this kind, given to this caller alone, their marks on the disk in one write; null when there are fewer, and then none is marked. Callers
    /// that wait together share one write.
    /// </summary>
    public async Task<IReadOnlyList<WalletToken>?> TakeAsync(TokenKind kind, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var taking = new Taking(kind, count);
        _takings.Enqueue(taking);
        try
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            taking.Abandoned = true;
            throw;
        }

        try
        {
            // Whoever's turn it is serves everyone in the queue.
            if (!taking.Task.IsCompleted)
            {
                await Task.Run(ServeTakings, CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }

        return await taking.Task.ConfigureAwait(false);
    }

    /// <summary>How many tokens of this kind can be spent.</summary>
    public Task<int> CountAsync(TokenKind kind, CancellationToken cancellationToken) =>
        TransactAsync(_ => _contents.Count(kind), cancellationToken);

    /// <summary>How many tokens can be spent, by kind.</summary>
    public Task<IReadOnlyDictionary<TokenKind, int>> CountAsync(CancellationToken cancellationToken) => TransactAsync(
        _ => (IReadOnlyDictionary<TokenKind, int>)_contents.Available.CountBy(token => token.Kind).ToDictionary(),
        cancellationToken);

    /// <summary>Waits for the transaction that is under way; none begins after it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) is 0)
        {
            _turn.Wait();
            _turn.Dispose();
        }
    }

    private async Task<T> TransactAsync<T>(Func<WalletFile, T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Transact(work), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private T Transact<T>(Func<WalletFile, T> work)
    {
        using WalletFile file = WalletFile.Open(_path, LockPatience);
        try
        {
            Refresh(file);
            return work(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // What is on the disk is unsure now: read all of it next time.
            _generation = default;
            throw new VeilException(VeilFailure.WalletUnavailable, Hop.Client, $"the wallet {_path} cannot be read or written ({failure.GetType().Name}).", failure);
        }
    }

    private void ServeTakings()
    {
        var served = new List<Taking>();
        try
        {
            _ = Transact(file =>
            {
                var frames = new List<byte>();
                while (_takings.TryDequeue(out Taking? taking))
                {
                    served.Add(taking);
                    if (taking.Abandoned || _contents.Count(taking.Kind) < taking.Count)
                    {
                        continue;
                    }

                    WalletToken[] tokens = _contents.Take(taking.Kind, taking.Count);
                    taking.Tokens = tokens;
                    foreach (WalletToken token in tokens)
                    {
                        WalletJournal.WriteMark(frames, token.Id);
                    }
                }

                Append(file, frames);
                return 0;
            });
        }
        catch (VeilException failure)
        {
            // Everyone in the queue would have met the same disk.
            served.ForEach(taking => taking.Fail(failure));
            while (_takings.TryDequeue(out Taking? taking))
            {
                taking.Fail(failure);
            }

            return;
        }

        served.ForEach(taking => taking.Complete());
    }

    private void Refresh(WalletFile file)
    {
        byte[] header = file.Read(0, WalletJournal.HeaderSize);
        if (header.Length is 0)
        {
            Rewrite(file, []);
            return;
        }

        if (!WalletJournal.TryReadHeader(header, out UInt128 generation))
        {
            throw new VeilException(VeilFailure.WalletUnavailable, Hop.Client, $"{_path} is not a wallet; name another file or move it away.");
        }

        if (generation != _generation)
        {
            _contents = new WalletContents();
            _end = WalletJournal.HeaderSize;
        }

        byte[] news = file.Read(_end, int.MaxValue);
        bool whole = WalletJournal.Read(news, _contents);
        _generation = generation;
        _end += news.Length;
        if (!whole || _contents.Marked > MaxMarks)
        {
            Rewrite(file, [.. _contents.Available]);
        }
    }

    private void Append(WalletFile file, List<byte> frames)
    {
        if (frames.Count is 0)
        {
            return;
        }

        byte[] bytes = [.. frames];
        file.Append(_end, bytes);
        _ = WalletJournal.Read(bytes, _contents);
        _end += bytes.Length;
    }

    private void Rewrite(WalletFile file, IReadOnlyCollection<WalletToken> tokens)
    {
        var journal = new List<byte>(WalletJournal.NewHeader());
        var contents = new WalletContents();
        foreach (WalletToken token in tokens)
        {
            WalletJournal.WriteToken(journal, token);
            contents.Add(token);
        }

        byte[] bytes = [.. journal];
        file.Rewrite(bytes);
        _ = WalletJournal.TryReadHeader(bytes, out _generation);
        _contents = contents;
        _end = bytes.Length;
    }

    private sealed class Taking(TokenKind kind, int count)
    {
        private readonly TaskCompletionSource<IReadOnlyList<WalletToken>?> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TokenKind Kind { get; } = kind;

        public int Count { get; } = count;

        /// <summary>The caller stopped waiting. One that stops at this very moment costs its tokens, which nobody else is given.</summary>
        public volatile bool Abandoned;

        public IReadOnlyList<WalletToken>? Tokens { get; set; }

        public Task<IReadOnlyList<WalletToken>?> Task => _result.Task;

        public void Complete() => _result.SetResult(Tokens);

        public void Fail(Exception failure) => _result.SetException(failure);
    }
}

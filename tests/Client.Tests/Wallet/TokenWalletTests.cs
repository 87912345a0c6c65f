using System.Collections.Concurrent;
using Veil.ClientSdk;

namespace Veil.Client.Tests.Wallet;

public sealed class TokenWalletTests : IDisposable
{
    private readonly WalletFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Tokens_come_out_once_each_and_then_none()
    {
        WalletToken[] drawn = await _fixture.Fill(20);

        UInt128[] taken = await _fixture.Available();

        Assert.Equal(drawn.Select(token => token.Id).Order(), taken.Order());
        Assert.Empty(await _fixture.Available());
    }

    [Fact]
    public async Task A_token_keeps_its_bytes()
    {
        WalletToken drawn = (await _fixture.Fill(1))[0];
        using var wallet = new TokenWallet(_fixture.Path);

        IReadOnlyList<WalletToken>? taken = await wallet.TakeAsync(WalletFixture.Kind, 1, TestContext.Current.CancellationToken);

        Assert.Equal(drawn.Bytes.ToArray(), Assert.Single(taken!).Bytes.ToArray());
    }

    [Fact]
    public async Task The_order_of_spending_is_not_the_order_of_drawing()
    {
        WalletToken[] drawn = await _fixture.Fill(50);

        Assert.NotEqual(drawn.Select(token => token.Id), await _fixture.Available());
    }

    [Fact]
    public async Task Kinds_do_not_mix()
    {
        TokenKind other = TokenKind.Of("challenge"u8, "another key"u8);
        await _fixture.Fill(1);
        using var wallet = new TokenWallet(_fixture.Path);

        Assert.Null(await wallet.TakeAsync(other, 1, TestContext.Current.CancellationToken));
        Assert.Equal(1, await wallet.CountAsync(WalletFixture.Kind, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_token_is_given_to_two_of_many_callers_with_wallets_of_their_own()
    {
        WalletToken[] drawn = await _fixture.Fill(300);
        var taken = new ConcurrentBag<UInt128>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            using var wallet = new TokenWallet(_fixture.Path);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                while (await wallet.TakeAsync(WalletFixture.Kind, 1, CancellationToken.None) is { } tokens)
                {
                    taken.Add(tokens[0].Id);
                }
            }));
        }));

        Assert.Equal(drawn.Select(token => token.Id).Order(), taken.Order());
    }

    [Fact]
    public async Task Several_tokens_come_together_or_not_at_all()
    {
        WalletToken[] drawn = await _fixture.Fill(5);
        using var wallet = new TokenWallet(_fixture.Path);

        IReadOnlyList<WalletToken>? three = await wallet.TakeAsync(WalletFixture.Kind, 3, TestContext.Current.CancellationToken);
        Assert.Null(await wallet.TakeAsync(WalletFixture.Kind, 3, TestContext.Current.CancellationToken));
        IReadOnlyList<WalletToken>? two = await wallet.TakeAsync(WalletFixture.Kind, 2, TestContext.Current.CancellationToken);

        Assert.Equal(drawn.Select(token => token.Id).Order(), three!.Concat(two!).Select(token => token.Id).Order());
        Assert.Empty(await _fixture.Available());
    }

    [Fact]
    public async Task Callers_that_want_different_numbers_share_what_is_there()
    {
        WalletToken[] drawn = await _fixture.Fill(100);
        var taken = new ConcurrentBag<UInt128>();

        await Task.WhenAll(Enumerable.Range(1, 6).Select(async count =>
        {
            using var wallet = new TokenWallet(_fixture.Path);
            while (await wallet.TakeAsync(WalletFixture.Kind, count, CancellationToken.None) is { } tokens)
            {
                Assert.Equal(count, tokens.Count);
                foreach (WalletToken token in tokens)
                {
                    taken.Add(token.Id);
                }
            }
        }));

        Assert.Equal(drawn.Select(token => token.Id).Order(), taken.Order());
    }

    [Fact]
    public async Task A_caller_that_gives_up_before_its_turn_costs_no_token()
    {
        await _fixture.Fill(1);
        using var wallet = new TokenWallet(_fixture.Path);
        using var gaveUp = new CancellationTokenSource();
        await gaveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wallet.TakeAsync(WalletFixture.Kind, 1, gaveUp.Token));

        Assert.NotNull(await wallet.TakeAsync(WalletFixture.Kind, 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Spent_tokens_leave_the_file_in_time()
    {
        await _fixture.Fill(300);
        long full = new FileInfo(_fixture.Path).Length;

        await _fixture.Available();
        await _fixture.Fill(1);

        Assert.InRange(new FileInfo(_fixture.Path).Length, 1, full / 4);
    }

    [Fact]
    public async Task The_file_is_for_its_owner_only()
    {
        await _fixture.Fill(1);

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_fixture.Path) is (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_file_that_is_no_wallet_is_refused_and_left_as_it_is()
    {
        await File.WriteAllTextAsync(_fixture.Path, "somebody's only copy of something else", TestContext.Current.CancellationToken);

        VeilException refusal = await Assert.ThrowsAsync<VeilException>(() => _fixture.Fill(1));

        Assert.Equal(VeilFailure.WalletUnavailable, refusal.Failure);
        Assert.Equal("somebody's only copy of something else", await File.ReadAllTextAsync(_fixture.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_folder_that_is_missing_is_an_error_with_a_name()
    {
        using var wallet = new TokenWallet(Path.Combine(_fixture.Path, "no", "such", "folder"));

        VeilException refusal = await Assert.ThrowsAsync<VeilException>(() => wallet.CountAsync(TestContext.Current.CancellationToken));

        Assert.Equal((VeilFailure.WalletUnavailable, Hop.Client), (refusal.Failure, refusal.Hop));
    }
}

using System.Security.Cryptography;

namespace Veil.Issuer.Tests;

/// <summary>What every account store does.</summary>
public abstract class AccountStoreTests
{
    private static readonly Account Alice = new("0123456789abcdef", AttesterKind.ApiKey, "alice", Quota: 7);
    private static readonly Account Stranger = new("oidc-00112233445566778899aabbccddeeff", AttesterKind.OpenIdConnect);

    [Fact]
    public async Task An_account_is_found_as_it_was_added()
    {
        using StoreUnderTest<IAccountStore> test = await OpenAsync();
        var key = new ApiKeyHash(RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(32));
        Assert.True(await test.Store.AddAsync(Alice, key));
        (Account account, ApiKeyHash? found) = (await test.Store.FindAsync(Alice.Id))!.Value;
        Assert.Equal(Alice, account);
        Assert.Equal((Convert.ToHexString(key.Salt), Convert.ToHexString(key.Hash)), (Convert.ToHexString(found!.Salt), Convert.ToHexString(found.Hash)));
        Assert.Null(await test.Store.FindAsync("fedcba9876543210"));
        Assert.Null(await test.Store.FindAsync(Alice.Id + "' OR '1'='1"));
    }

    [Fact]
    public async Task A_name_is_given_once_and_an_account_is_added_once()
    {
        using StoreUnderTest<IAccountStore> test = await OpenAsync();
        Assert.True(await test.Store.AddAsync(Alice, null));
        Assert.False(await test.Store.AddAsync(Alice with { Id = "fedcba9876543210" }, null));
        Assert.False(await test.Store.AddAsync(Alice with { Name = "bob" }, null));
        Assert.Equal([Alice], await test.Store.ListAsync());
    }

    [Fact]
    public async Task An_identity_that_comes_is_added_once_and_may_be_named_later()
    {
        using StoreUnderTest<IAccountStore> test = await OpenAsync();
        Account[] seen = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => test.Store.FindOrAddAsync(Stranger))));
        Assert.All(seen, account => Assert.Equal(Stranger, account));
        Assert.True(await test.Store.AddAsync(Stranger with { Name = "eve", Class = "team" }, null));
        Assert.Equal(Stranger with { Name = "eve", Class = "team" }, await test.Store.FindOrAddAsync(Stranger));
        Assert.False(await test.Store.AddAsync(Stranger with { Name = "eva" }, null));
    }

    [Fact]
    public async Task An_account_is_disabled_and_enabled_by_name_or_id()
    {
        using StoreUnderTest<IAccountStore> test = await OpenAsync();
        await test.Store.AddAsync(Alice, null);
        await test.Store.FindOrAddAsync(Stranger);
        Assert.True(await test.Store.SetDisabledAsync("alice", true));
        Assert.True(await test.Store.SetDisabledAsync(Stranger.Id, true));
        Assert.False(await test.Store.SetDisabledAsync("nobody", true));
        Assert.Equal([Alice with { IsDisabled = true }, Stranger with { IsDisabled = true }], await test.Store.ListAsync());
        Assert.True(await test.Store.SetDisabledAsync(Alice.Id, false));
        Assert.False((await test.Store.FindAsync(Alice.Id))!.Value.Account.IsDisabled);
        Assert.True((await test.Store.FindOrAddAsync(Stranger)).IsDisabled);
    }

    [Fact]
    public async Task Named_accounts_come_first_and_in_order()
    {
        using StoreUnderTest<IAccountStore> test = await OpenAsync();
        await test.Store.FindOrAddAsync(Stranger);
        await test.Store.FindOrAddAsync(new Account("cert-ff", AttesterKind.Certificate));
        await test.Store.AddAsync(Alice with { Id = "2", Name = "bob" }, null);
        await test.Store.AddAsync(Alice with { Id = "3" }, null);
        Assert.Equal(["3", "2", "cert-ff", Stranger.Id], (await test.Store.ListAsync()).Select(account => account.Id));
    }

    [Fact]
    public async Task The_first_identity_key_stays()
    {
        using StoreUnderTest<IAccountStore> test = await OpenAsync();
        byte[][] kept = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => test.Store.KeepIdentityKeyAsync([(byte)number]))));
        Assert.Single(kept.Select(Convert.ToHexString).Distinct());
        Assert.Equal(kept[0], await test.Store.KeepIdentityKeyAsync([99]));
    }

    [Fact]
    public async Task No_table_holds_a_time_or_an_order_and_counts_are_all_that_is_kept_of_a_draw()
    {
        using StoreUnderTest<IAccountStore> test = await OpenAsync();
        Assert.Equal(
            [
                "accounts: attester, class, disabled, id, key_hash, name, quota, salt",
                "epochs: announced, partition",
                $"identity_key: {(this is SqliteAccountStoreTests ? "only" : "only_one")}, wrapped",
                "quotas: account, drawn, partition",
            ],
            await test.TablesAsync());
    }

    private protected abstract Task<StoreUnderTest<IAccountStore>> OpenAsync();
}

namespace Veil.Issuer;

/// <summary>The accounts' store for the length of one command.</summary>
internal sealed class OpenAccounts(IServiceProvider services) : IDisposable
{
    /// <summary>The store, made where it is absent.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be used.</exception>
    public IAccountStore Store { get; } = AccountStores.OpenAccounts(services.GetRequiredService<StoreOptions>());

    public void Dispose() => (Store as IDisposable)?.Dispose();
}

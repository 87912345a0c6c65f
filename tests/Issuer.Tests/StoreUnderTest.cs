namespace Veil.Issuer.Tests;

/// <summary>A store with its database, which goes with it.</summary>
/// <param name="store">The store.</param>
/// <param name="close">Removes what it stood on.</param>
/// <param name="tables">Its tables with their columns: <c>table: column, column</c>, in order.</param>
internal sealed class StoreUnderTest<TStore>(TStore store, Action close, Func<Task<List<string>>> tables) : IDisposable
    where TStore : class
{
    public TStore Store { get; } = store;

    public Task<List<string>> TablesAsync() => tables();

    public void Dispose()
    {
        if (Store is IAsyncDisposable closing)
            closing.DisposeAsync().AsTask().GetAwaiter().GetResult();
        (Store as IDisposable)?.Dispose();
        close();
    }
}

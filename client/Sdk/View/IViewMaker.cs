namespace Veil.ClientSdk;

/// <summary>Makes the view that requests rely on: from the authority's log, or for an authority without one from the gateway's signature.</summary>
internal interface IViewMaker : IDisposable
{
    /// <summary>Makes one now; for one caller at a time.</summary>
    /// <exception cref="VeilException">A hop did not answer, or what it answered does not agree.</exception>
    Task<TrustedView> MakeAsync(CancellationToken cancellationToken);
}

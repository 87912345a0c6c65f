namespace Veil.Issuer;

/// <summary>A store can neither confirm nor refuse: the request is answered with 503, never with a guess.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <param name="message">What failed; for the operator, never for a peer.</param>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <param name="message">What failed; for the operator, never for a peer.</param>
    /// <param name="inner">What the store said.</param>
    public StoreUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

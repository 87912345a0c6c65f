namespace Veil.Issuer;

/// <summary>One of the forms in which tokens are asked for, told apart by media type. Order in each: shape, key, quota, signature.</summary>
internal abstract class IssuanceFormat
{
    /// <summary>Of the request.</summary>
    public abstract string MediaType { get; }

    /// <summary>Of the answer.</summary>
    public abstract string ResponseMediaType { get; }

    /// <summary>Longest body that is read, in bytes.</summary>
    public abstract int MaxSize { get; }

    /// <summary>Serves one request.</summary>
    /// <param name="account">Who asks, and how much it may draw under a key.</param>
    /// <param name="body">Untrusted.</param>
    /// <param name="keys">The keys of now.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="StoreUnavailableException">Nothing was issued, though tokens may have been counted.</exception>
    public abstract Task<IssuanceOutcome> IssueAsync(AttestedAccount account, ReadOnlyMemory<byte> body, IssuerKeys keys, DateTimeOffset now);
}

namespace Veil.Issuer;

/// <summary>One way to prove an account.</summary>
internal interface IAttester
{
    /// <summary>Judges a request that carries a proof of this kind.</summary>
    /// <returns>Null when it carries none: others are asked.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot tell.</exception>
    ValueTask<Attested?> AttestAsync(HttpContext context);
}

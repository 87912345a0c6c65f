using Microsoft.IdentityModel.Tokens;

namespace Veil.Issuer;

/// <summary>What came of looking for the key that a token names.</summary>
/// <param name="Key">The key, or null.</param>
/// <param name="IsCertain">False when the provider could not be asked: the key may exist.</param>
internal readonly record struct KeySearch(SecurityKey? Key, bool IsCertain);

namespace Veil.Issuer;

/// <summary>An account that an attester vouched for, and that is not disabled.</summary>
/// <param name="Id">Under which its tokens are counted.</param>
/// <param name="Quota">Tokens that it may draw under one key.</param>
internal sealed record AttestedAccount(string Id, int Quota);

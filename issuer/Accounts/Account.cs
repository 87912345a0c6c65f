namespace Veil.Issuer;

/// <summary>Somebody who may draw tokens.</summary>
/// <param name="Id">16 hex digits.</param>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Quota">Tokens per key epoch, or null for the issuer's default.</param>
/// <param name="IsDisabled">True when nothing is issued to it any more.</param>
public sealed record Account(string Id, string Name, int? Quota, bool IsDisabled);

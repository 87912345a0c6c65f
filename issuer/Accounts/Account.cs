namespace Veil.Issuer;

/// <summary>Somebody who may draw tokens.</summary>
/// <param name="Id">16 hex digits for an API key; else what <see cref="IdentityKey"/> makes of the identity. At most 64 characters.</param>
/// <param name="Attester">How it proves itself.</param>
/// <param name="Name">The operator's name for it, or null for an identity that came by itself.</param>
/// <param name="Class">Its quota class, or null for what the attester says.</param>
/// <param name="Quota">Tokens per key epoch, or null for those of the class.</param>
/// <param name="IsDisabled">True when nothing is issued to it any more.</param>
public sealed record Account(string Id, AttesterKind Attester, string? Name = null, string? Class = null, int? Quota = null, bool IsDisabled = false);

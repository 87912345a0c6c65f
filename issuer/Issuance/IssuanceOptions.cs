using System.ComponentModel.DataAnnotations;

namespace Veil.Issuer;

/// <summary>Who gets how many tokens, and where.</summary>
public sealed class IssuanceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Issuance";

    /// <summary>issuer-request-uri of the directory: relative to it, or absolute https when issuance is reached under another name. Default /token-request.</summary>
    [Required]
    public string RequestUri { get; init; } = TokenRequestEndpoint.Path;

    /// <summary>Tokens that an account without a quota of its own may draw under one key. Default 1,000: some 140 requests a day with the default epoch of a week.</summary>
    [Range(0, 100_000_000)]
    public int DefaultQuota { get; init; } = 1_000;
}

using System.ComponentModel.DataAnnotations;

namespace Veil.Issuer;

/// <summary>Who gets how many tokens, and where.</summary>
public sealed class IssuanceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Issuance";

    /// <summary>The class of accounts that neither the operator nor their attester put into another.</summary>
    public const string DefaultClass = "default";

    /// <summary>issuer-request-uri of the directory: relative to it, or absolute https when issuance is reached under another name. Default /token-request.</summary>
    [Required]
    public string RequestUri { get; init; } = TokenRequestEndpoint.Path;

    /// <summary>
    /// Tokens in one batch, 1 to 1,000. Default 100: 70 ms of a processor with the slowest type. Clients that ask for
    /// more are refused.
    /// </summary>
    [Range(1, 1_000)]
    public int MaxBatchTokens { get; init; } = 100;

    /// <summary>
    /// Quota classes: tokens that an account of the class may draw under one key. There is always a class <c>default</c>; unless set it has 1,000, some 140
    /// requests a day with the default epoch of a week. An account whose class is not among these draws nothing.
    /// </summary>
    public IReadOnlyDictionary<string, int> QuotaClasses { get; init; } = new Dictionary<string, int> { [DefaultClass] = 1_000 };
}

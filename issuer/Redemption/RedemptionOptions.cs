using System.ComponentModel.DataAnnotations;

namespace Veil.Issuer;

/// <summary>Who may redeem, and how much at once.</summary>
public sealed class RedemptionOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Redemption";

    /// <summary>The gateways. None: nothing is redeemed here.</summary>
    public IReadOnlyList<GatewayOptions> Gateways { get; init; } = [];

    /// <summary>Tokens in one call. Default and most 1,000: verifying them takes some 15 ms of one core, and one commit holds several such calls.</summary>
    [Range(1, 1_000)]
    public int MaxTokensPerCall { get; init; } = 1_000;
}

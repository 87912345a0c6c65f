using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Everything that this issuer answers besides success: the closed set, with its HTTP status in one place.</summary>
internal static class Problems
{
    private const string Own = "urn:veil:problem:";

    public static readonly Problem UnknownAccount = new(401, Own + "account", "No proof of an account, or not a good one");
    public static readonly Problem AccountDisabled = new(403, Own + "account-disabled", "Nothing is issued to this account any more");
    public static readonly Problem AccountNotAdded = new(403, Own + "account-not-added", "Only identities that the operator added draw tokens here");
    public static readonly Problem AttesterUnavailable = new(503, Own + "attester", "Who knows this account cannot be asked now");
    public static readonly Problem UnknownGateway = new(401, Own + "gateway", "Only configured gateways redeem");
    public static readonly Problem MalformedRedemption = new(400, Own + "malformed", "Not a redemption request");
    public static readonly Problem TooManyRedemptions = new(413, Own + "too-many", "Too many redemptions in one call");
    public static readonly Problem TooLarge = new(413, Own + "too-large", "The request is too large");
    public static readonly Problem MediaType = new(415, Own + "media-type", "Not the media type of this resource");
    public static readonly Problem BadTokenRequest = new(422, Own + "token-request", "Not a token request that can be served");
    public static readonly Problem TooManyTokens = new(422, Own + "too-many-tokens", "More tokens in one batch than are given here");
    public static readonly Problem NoTokenOfBatch = new(400, Own + "no-token-of-batch", "No token request of the batch can be served: fetch the directory again");
    public static readonly Problem UnknownKey = new(422, Own + "key", "No tokens are issued under this key: fetch the directory again");
    public static readonly Problem QuotaExhausted = new(429, Own + "quota", "The account drew its tokens for this key");
    public static readonly Problem QuotaExhaustedForBatch = new(400, Own + "quota-for-batch", "The account drew its tokens for every key of the batch");
    public static readonly Problem NothingHere = new(404, Own + "nothing-here", "There is nothing at this path");
    public static readonly Problem WrongMethod = new(405, Own + "method", "Not a method of this resource");
    public static readonly Problem StoreUnavailable = new(503, Own + "store", "The store is not available: nothing was issued or redeemed for sure");
}

using Veil.Issuer;

namespace Veil.Fuzz.Targets;

/// <summary>Whatever a redemption call holds, at most the allowed number of tokens comes out, each with a whole id.</summary>
public static class RedemptionRequestTarget
{
    private const int MaxCount = 4;

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        bool parsed = RedemptionRequest.TryParse(input.ToArray(), MaxCount, out List<PresentedToken>? items, out RedemptionRequestError error);
        if (parsed != (error is RedemptionRequestError.None))
            throw new InvalidOperationException("The answer and the error disagree.");
        if (parsed && (items!.Count is 0 or > MaxCount || items.Any(item => item.RedemptionId.Length != RedemptionRequest.IdSize)))
            throw new InvalidOperationException("A redemption without its parts was let through.");
    }
}

using Veil.Gateway.Redemption;

namespace Veil.Fuzz.Targets;

/// <summary>An answer of the issuer gives as many verdicts as tokens were sent, all of them known, or none.</summary>
public static class RedemptionMessageTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        byte[] answer = input.ToArray();
        int fits = 0;
        for (int count = 0; count <= 5; count++)
        {
            if (!RedemptionMessage.TryRead(answer, count, out RedemptionVerdict[]? verdicts))
                continue;
            fits++;
            if (verdicts.Length != count || verdicts.Contains(RedemptionVerdict.Unavailable))
                throw new InvalidOperationException("A verdict is missing or unknown.");
        }

        if (fits > 1)
            throw new InvalidOperationException("One answer fits two numbers of tokens.");
    }
}

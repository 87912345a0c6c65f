using System.Text;
using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>The two authentication fields, from any characters.</summary>
public static class PrivateTokenHeaderTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        string field = Encoding.Latin1.GetString(input);
        if (PrivateTokenChallenge.TryParse(field, out IReadOnlyList<PrivateTokenChallenge>? challenges, out _) && challenges.Any(challenge => challenge.Challenge.Length < 2))
            throw new InvalidOperationException("A challenge without a type was kept.");

        if (PrivateTokenAuthorization.TryParse(field, out Token? token, out _)
            && (!PrivateTokenAuthorization.TryParse(PrivateTokenAuthorization.Write(token.Encoded), out Token? again, out _) || !again.Encoded.SequenceEqual(token.Encoded)))
            throw new InvalidOperationException("A token changed when its field was written again.");
    }
}

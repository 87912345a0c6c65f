using System.Text;
using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>The two authentication fields, from any characters.</summary>
public static class PrivateTokenHeaderTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        string field = Encoding.Latin1.GetString(input);
        if (PrivateTokenChallenge.TryParse(field, out IReadOnlyList<PrivateTokenChallenge>? challenges, out _))
        {
            foreach (PrivateTokenChallenge challenge in challenges)
                TokenChallenge.TryParse(challenge.Challenge, out _, out _);
        }

        if (PrivateTokenAuthorization.TryParse(field, out Token? token, out _)
            && (!PrivateTokenAuthorization.TryParse(PrivateTokenAuthorization.Write(token.Encoded), out Token? again, out _) || !again.Encoded.SequenceEqual(token.Encoded)))
            throw new InvalidOperationException("A token changed when its field was written again.");
    }
}

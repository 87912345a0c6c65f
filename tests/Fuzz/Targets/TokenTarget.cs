using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>Tokens and token requests of every type.</summary>
public static class TokenTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (Token.TryParse(input, out Token? token, out _) && !token.Encoded.SequenceEqual(input))
            throw new InvalidOperationException("A token changed when it was parsed.");
        if (TokenRequest.TryParse(input, out TokenRequest request, out _) && request.BlindedElement.Length + 3 != input.Length)
            throw new InvalidOperationException("A token request lost bytes.");
    }
}

using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>Public keys of the VOPRF types, which are serialized elements: each has one encoding, and any that parses can be used without throwing.</summary>
public static class VoprfKeyTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        foreach (TokenType type in TokenType.All.Where(type => type.IsAmortizable))
        {
            if (!TokenPublicKey.TryParse(type.Id, input, out TokenPublicKey? key, out _))
                continue;
            if (!key.Encoding.SequenceEqual(input))
                throw new InvalidOperationException("A key has two encodings.");
            if (!PendingToken.TryCreate(key, TokenChallenge.Create(type.Id, "issuer.example", [], ""), out PendingToken? pending, out _))
                throw new InvalidOperationException("A key that parses blinds nothing.");

            pending.Dispose();
        }
    }
}

using Veil.PrivacyPass;

namespace Veil.Gateway.Tokens;

/// <summary>The one challenge of an authority for one token type: no context, the authority as origin, the same bytes for everyone at all times.</summary>
internal sealed class OfferedChallenge
{
    public OfferedChallenge(ushort tokenType, string issuer, string authority)
    {
        Challenge = TokenChallenge.Create(tokenType, issuer, redemptionContext: default, authority);
        Field = PrivateTokenChallenge.Write(Challenge);
    }

    /// <summary>The challenge.</summary>
    public TokenChallenge Challenge { get; }

    /// <summary>The value of WWW-Authenticate that offers it.</summary>
    public string Field { get; }
}

using Microsoft.Extensions.Options;
using Veil.Bhttp;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tokens;

/// <summary>What this gateway asks for, and the check of what it gets that needs no store.</summary>
internal sealed class TokenGate
{
    private readonly IssuerKeys _keys;
    private readonly TokenChallenge? _challenge;

    public TokenGate(IOptions<GatewayOptions> gateway, IOptions<TokenOptions> options, IssuerKeys keys)
    {
        _keys = keys;
        if (options.Value.Issuer is not { } issuer)
            return;

        // Empty context and the authority as origin: one challenge for everyone, at all times.
        _challenge = TokenChallenge.Create((ushort)options.Value.TokenType, issuer.Authority, redemptionContext: default, gateway.Value.Authority);
        ChallengeField = PrivateTokenChallenge.Write(_challenge);
    }

    /// <summary>The value of WWW-Authenticate: the same bytes in every 401. Empty where no issuer is configured.</summary>
    public string ChallengeField { get; } = "";

    /// <summary>The TokenChallenge; empty where no issuer is configured.</summary>
    public ReadOnlyMemory<byte> Challenge => _challenge is null ? default : _challenge.Encoded.ToArray();

    /// <summary>Checks the tokens of a request; every flaw is the same refusal.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="count">How many tokens the service asks for.</param>
    /// <param name="tokens">The proof.</param>
    /// <returns><see cref="Refusal.None"/>, <see cref="Refusal.TokenRequired"/>, or <see cref="Refusal.IssuerUnavailable"/>.</returns>
    public Refusal Verify(FieldSection fields, int count, out VerifiedTokens? tokens)
    {
        tokens = null;
        if (!fields.Contains("authorization"))
            return Refusal.TokenRequired;
        if (_challenge is null || _keys.Current is not { } keys)
            return Refusal.IssuerUnavailable;
        return VerifiedTokens.TryVerify(fields, count, _challenge, keys, out tokens) ? Refusal.None : Refusal.TokenRequired;
    }
}

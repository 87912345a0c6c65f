using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tokens;

/// <summary>
/// What this gateway asks for, and the check of what it gets that needs no store. The token type is the issuer's affair: the challenge is of the type of the
/// directory's active key, and so changes for everyone at the instant that the directory announced; tokens of any listed key are taken, whatever their type.
/// </summary>
internal sealed class TokenGate
{
    private readonly IssuerKeys _keys;
    private readonly TimeProvider _time;
    private readonly FrozenDictionary<ushort, OfferedChallenge> _challenges;

    public TokenGate(IOptions<GatewayOptions> gateway, IOptions<TokenOptions> options, IssuerKeys keys, TimeProvider time)
    {
        _keys = keys;
        _time = time;
        _challenges = options.Value.Issuer is { } issuer
            ? TokenType.Known.ToFrozenDictionary(type => type.Id, type => new OfferedChallenge(type.Id, issuer.Authority, gateway.Value.Authority))
            : FrozenDictionary<ushort, OfferedChallenge>.Empty;
    }

    /// <summary>The value of WWW-Authenticate: for each token type in force the same bytes in every 401. Empty where no issuer is configured, or its keys are not known.</summary>
    public string ChallengeField => InForce()?.Field ?? "";

    /// <summary>The TokenChallenge of the type in force; empty where no issuer is configured, or its keys are not known.</summary>
    public ReadOnlyMemory<byte> Challenge => InForce()?.Challenge.Encoded.ToArray() ?? default(ReadOnlyMemory<byte>);

    /// <summary>Checks the tokens of a request; every flaw is the same refusal.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="price">What the service asks for.</param>
    /// <param name="tokens">The proof.</param>
    /// <returns><see cref="Refusal.None"/>, <see cref="Refusal.TokenRequired"/>, or <see cref="Refusal.IssuerUnavailable"/>.</returns>
    public Refusal Verify(FieldSection fields, ServicePrice price, out VerifiedTokens? tokens)
    {
        tokens = null;
        if (_keys.Current is not { } keys)
            return Refusal.IssuerUnavailable;
        return VerifiedTokens.TryVerify(fields, price, _challenges, keys, out tokens) ? Refusal.None : Refusal.TokenRequired;
    }

    private OfferedChallenge? InForce() =>
        _keys.Current?.TypeInForce(_time.GetUtcNow()) is { } type ? _challenges.GetValueOrDefault(type.Id) : null;
}

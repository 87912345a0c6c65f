namespace Veil.ClientSdk;

/// <summary>Where on the way something failed, as far as the client can tell. A relay can forge what stands outside the encryption.</summary>
public enum Hop
{
    /// <summary>This machine: options, wallet, request.</summary>
    Client,

    /// <summary>The relay, or the network towards it.</summary>
    Relay,

    /// <summary>The gateway behind the relay.</summary>
    Gateway,

    /// <summary>The token issuer, or the network towards it.</summary>
    Issuer,

    /// <summary>The attested host behind the gateway.</summary>
    Host,
}

namespace Veil.Relay.Mirror;

/// <summary>A document that relays mirror: the first things that a client needs, the same bytes for everyone.</summary>
/// <param name="Name">For the operator's log.</param>
/// <param name="MediaType">What the gateway is asked for, and what a client asks the relay for.</param>
/// <param name="MaxBytes">Larger is no such document.</param>
internal sealed record DocumentKind(string Name, string MediaType, int MaxBytes)
{
    /// <summary>A key configuration has 41 bytes, with post-quantum keys 1.3 KB; nobody offers fifty.</summary>
    public static readonly DocumentKind Keys = new("keys", MediaTypes.Keys, 64 * 1024);

    /// <summary>The epoch's head with its proofs: some kilobytes, with many post-quantum cosignatures a hundred.</summary>
    public static readonly DocumentKind Epoch = new("epoch", MediaTypes.Epoch, 256 * 1024);
}

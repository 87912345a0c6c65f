namespace Veil.Attestation;

/// <summary>Why a signed view, or the document in it, was refused.</summary>
public enum SignedViewError
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The bytes end early, go on after the end, or carry another version.</summary>
    Malformed,

    /// <summary>More certificates or a longer document than <see cref="SignedView.MaxCertificates"/> and <see cref="SignedView.MaxDocumentSize"/> allow.</summary>
    TooLarge,

    /// <summary>A certificate could not be read, or its key is neither ECDSA P-256 or P-384 nor RSA of at least 2048 bits.</summary>
    BadCertificate,

    /// <summary>The chain does not reach a trusted root at this time, or the leaf is not for TLS servers.</summary>
    UntrustedChain,

    /// <summary>The leaf names another host than the authority.</summary>
    WrongName,

    /// <summary>The signature was not made by the leaf's key over this document.</summary>
    BadSignature,

    /// <summary>The document is not the one-line JSON of <see cref="GatewayView"/>.</summary>
    BadDocument,
}

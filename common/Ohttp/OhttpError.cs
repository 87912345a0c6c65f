namespace Veil.Ohttp;

/// <summary>
/// Why a key configuration or an encapsulated message was refused. Everything that depends on a secret is <see cref="DecryptFailed"/>;
/// a gateway answers all failures before and during decapsulation alike.
/// </summary>
public enum OhttpError
{
    /// <summary>Nothing was refused.</summary>
    None,

    /// <summary>The bytes end before the structure does, or a stream before its final chunk.</summary>
    Truncated,

    /// <summary>Bytes follow where the structure ends.</summary>
    TrailingBytes,

    /// <summary>A collection without any key configuration.</summary>
    EmptyCollection,

    /// <summary>A KEM that is not in the table.</summary>
    UnknownKem,

    /// <summary>A public key that the KEM's validation refuses.</summary>
    BadPublicKey,

    /// <summary>A list of symmetric algorithms that is empty or not a multiple of four bytes.</summary>
    BadAlgorithmList,

    /// <summary>A key identifier that the gateway does not hold, or holds for another KEM.</summary>
    UnknownKey,

    /// <summary>A KDF and AEAD that the key's configuration does not offer.</summary>
    UnknownSuite,

    /// <summary>An encapsulated key or a ciphertext that is not authentic.</summary>
    DecryptFailed,

    /// <summary>A chunk longer than <see cref="ChunkLimits.MaxChunkSize"/>.</summary>
    ChunkTooLarge,

    /// <summary>A message longer than <see cref="ChunkLimits.MaxMessageSize"/>.</summary>
    MessageTooLarge,
}

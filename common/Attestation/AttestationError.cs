namespace Veil.Attestation;

/// <summary>Why bytes of a peer are not claims, a record, a certificate or a report. Each member names one rule that was broken.</summary>
public enum AttestationError
{
    /// <summary>The bytes were accepted.</summary>
    None,

    /// <summary>Fields run past the end, or bytes are left over, or a length does not fit.</summary>
    BadLength,

    /// <summary>A version that this code does not know; never guessed.</summary>
    UnsupportedVersion,

    /// <summary>The service name is empty, longer than 255 bytes or not visible ASCII.</summary>
    BadService,

    /// <summary>A time is out of range, or the end is not after the start.</summary>
    BadValidity,

    /// <summary>A bit or byte that must be zero is set.</summary>
    ReservedNotZero,

    /// <summary>The key configuration is empty or longer than 2,048 bytes.</summary>
    BadKeyConfig,

    /// <summary>The GPU evidence digest is neither empty nor 32, 48 or 64 bytes.</summary>
    BadDigest,

    /// <summary>Not the canonical CBOR collection that a host record is.</summary>
    BadRecord,

    /// <summary>The record is longer than <see cref="HostRecord.MaxSize"/>.</summary>
    TooLarge,

    /// <summary>Not a DER certificate of X.509 version 3, or an extension appears twice.</summary>
    BadCertificate,

    /// <summary>The certificate has no evidence extension.</summary>
    NoEvidenceExtension,

    /// <summary>The report's signature algorithm is not ECDSA P-384 with SHA-384.</summary>
    UnsupportedSignatureAlgorithm,

    /// <summary>Bit 17 of the guest policy, which is always one, is zero.</summary>
    BadGuestPolicy,

    /// <summary>VMPL is not 0 to 3: the report was asked for by the machine's operator, not by the guest.</summary>
    NotRequestedByGuest,

    /// <summary>The quote is of an SGX enclave, which nothing here accepts.</summary>
    SgxNotAccepted,

    /// <summary>The quote is of another TEE than TDX.</summary>
    UnsupportedTee,

    /// <summary>The quote's certification data is not a quoting enclave's report with a PEM chain.</summary>
    BadCertificationData,
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.SoftwareTee;

/// <summary>How a software TDX platform makes a quote; the defaults are an honest one's.</summary>
public sealed record SoftwareTdxQuote
{
    /// <summary>Signs the quoting enclave's report; null for the PCK.</summary>
    public ECDsa? PckKey { get; init; }

    /// <summary>Signs the quote; null for the attestation key.</summary>
    public ECDsa? QuoteKey { get; init; }

    /// <summary>The key that the enclave's report is over; null for the attestation key.</summary>
    public ECDsa? BoundKey { get; init; }

    /// <summary>ISVSVN of the quoting enclave.</summary>
    public ushort EnclaveSvn { get; init; } = 4;

    /// <summary>ISVPRODID of the quoting enclave.</summary>
    public ushort EnclaveProduct { get; init; } = 2;

    /// <summary>MRSIGNER of the quoting enclave, 32 bytes; absent: that of the platform's maker.</summary>
    public ReadOnlyMemory<byte> EnclaveSigner { get; init; }

    /// <summary>Whether the quoting enclave is under debugging.</summary>
    public bool EnclaveDebug { get; init; }

    /// <summary>Whether this is a quote of an SGX enclave, version 3.</summary>
    public bool IsSgx { get; init; }

    /// <summary>Stands at the end of the chain in the root's place; null for the root.</summary>
    public X509Certificate2? Top { get; init; }
}

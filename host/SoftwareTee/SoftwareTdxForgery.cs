using System.Security.Cryptography;

namespace Veil.SoftwareTee;

/// <summary>What is wrong with a quote of a software TDX platform; the defaults are an honest one's.</summary>
public sealed record SoftwareTdxForgery
{
    /// <summary>Signs the quoting enclave's report; null for the PCK.</summary>
    public ECDsa? PckKey { get; init; }

    /// <summary>Signs the quote; null for the attestation key.</summary>
    public ECDsa? QuoteKey { get; init; }

    /// <summary>The key that the enclave's report is over; null for the attestation key.</summary>
    public ECDsa? BoundKey { get; init; }

    /// <summary>ISVSVN of the quoting enclave.</summary>
    public ushort EnclaveSvn { get; init; } = 4;

    /// <summary>Whether the quoting enclave is under debugging.</summary>
    public bool EnclaveDebug { get; init; }
}

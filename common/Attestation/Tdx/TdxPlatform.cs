using System.Diagnostics.CodeAnalysis;

namespace Veil.Attestation.Tdx;

/// <summary>What Intel's collateral for a quote is asked for by. Read from the quote's own certificates, of which nothing is true yet: the answers are as public as the question.</summary>
/// <param name="Fmspc">FMSPC of the PCK certificate: 12 hexadecimal digits, lower case.</param>
/// <param name="Authority">Which of Intel's authorities issued it: <c>platform</c> or <c>processor</c>.</param>
public sealed record TdxPlatform(string Fmspc, string Authority)
{
    /// <summary>Reads both; false where the quote carries no PCK chain of Intel's form.</summary>
    public static bool TryRead(TdxQuote quote, [NotNullWhen(true)] out TdxPlatform? platform)
    {
        ArgumentNullException.ThrowIfNull(quote);
        platform = IntelChain.TryParse(quote.CertificateChain.Span, out IntelChain? chain, out _) && PckExtension.TryRead(chain.Leaf, out PckExtension? pck)
            ? new(Convert.ToHexStringLower(pck.Fmspc), chain.Authority.CommonName == IntelChain.PlatformAuthorityName ? "platform" : "processor")
            : null;
        return platform is not null;
    }
}

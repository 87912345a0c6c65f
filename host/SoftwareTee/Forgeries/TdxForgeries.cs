using System.Buffers.Binary;
using Veil.Attestation;
using Veil.Attestation.Tdx;
using Veil.HostAgent;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>The attacks that evidence of a TDX machine can carry.</summary>
internal static class TdxForgeries
{
    private const int Header = 48;
    private const int SectionLength = Header + TdReport.Size10;
    private const int Signature = SectionLength + 4;
    private const int ScalarSize = 32;
    private const string Revoked = "Revoked";
    private static readonly byte[] Order = Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    public static IReadOnlyList<TdxForgery> All { get; } =
    [
        new("A1", "own-root", CheckNames.TrustedRoot, "a chain and collateral of its own under Intel's names", (forger, value) => forger.UnderAnotherRoot(value, isPinnedOnTop: false)),
        new("A2", "own-chain-under-the-root", CheckNames.Chain, "a chain of its own with the trusted root's certificate on top", (forger, value) => forger.UnderAnotherRoot(value, isPinnedOnTop: true)),
        new("A5", "certificate-over", CheckNames.ChainValidity, "certificates whose time is over", (forger, value) => forger.CertifiedAt(value, forger.Now.AddYears(-8))),
        new("A5", "certificate-not-yet-valid", CheckNames.ChainValidity, "certificates whose time has not come", (forger, value) => forger.CertifiedAt(value, forger.Now.AddDays(2))),
        new("A6", "revoked-machine", CheckNames.RevocationList, "a machine whose certificate is revoked", (forger, value) => forger.Attest(value, collateral: new() { RevokedPck = true })),
        new("A6", "revoked-signer", CheckNames.RevocationList, "collateral whose signer is revoked", (forger, value) => forger.Attest(value, collateral: new() { RevokedSigner = true })),
        new("B4", "out-of-date", CheckNames.TcbStatus, "firmware that its maker has replaced", (forger, value) => forger.Attest(value, collateral: new() { Status = "OutOfDate" })),
        new("C1", "debug", CheckNames.Debug, "a TD whose memory its operator can read", (forger, value) => forger.Attest(value, forger.Guest with { Attributes = forger.Guest.Attributes | TdAttributes.Debug })),
        new("C3", "migration", CheckNames.TdAttributes, "a TD that can be moved", (forger, value) => forger.Attest(value, forger.Guest with { Attributes = forger.Guest.Attributes | TdAttributes.Migratable })),
        new("C3", "service-td", CheckNames.ServiceTd, "a TD that another TD of the operator may touch", (forger, value) => forger.Attest(value, forger.Guest with { ServiceTd = Filled(1) })),
        new("C4", "half-of-the-value", CheckNames.ReportData, "a quote over the first half of the value that it must bind", (forger, value) => forger.Attest([.. value[..32], .. new byte[32]])),
        new("C4", "no-value", CheckNames.ReportData, "a quote over nothing", (forger, _) => forger.Attest(new byte[TdReport.ReportDataSize])),
        new("C5", "other-configuration", CheckNames.LaunchConfiguration, "a TD that was configured otherwise", (forger, value) => forger.Attest(value, forger.Guest with { ConfigId = Filled(1) })),
        new("C5", "other-owner", CheckNames.LaunchConfiguration, "a TD of another owner", (forger, value) => forger.Attest(value, forger.Guest with { Owner = Filled(1) })),
        new("C5", "other-register", CheckNames.RuntimeMeasurement, "a TD that measured something else at run time, which a policy that names registers refuses", (forger, value) => forger.Attest(value, forger.Guest with { Rtmrs = [Filled(1)] })),
        new("D1", "enclave-debug", CheckNames.EnclaveIdentity, "a quoting enclave under debugging", (forger, value) => forger.Attest(value, making: new() { EnclaveDebug = true })),
        new("D1", "enclave-old", CheckNames.EnclaveIdentity, "a quoting enclave of no level that its identity names", (forger, value) => forger.Attest(value, making: new() { EnclaveSvn = 1 })),
        new("D1", "enclave-of-another-signer", CheckNames.EnclaveIdentity, "a quoting enclave of its own, under a genuine machine's key", (forger, value) => forger.Attest(value, making: new() { EnclaveSigner = Filled(1).AsMemory(0, 32) })),
        new("D1", "enclave-of-another-product", CheckNames.EnclaveIdentity, "another enclave of the maker's in the quoting enclave's place", (forger, value) => forger.Attest(value, making: new() { EnclaveProduct = 1 })),
        new("D1", "enclave-unidentified", CheckNames.Collateral, "no identity of the quoting enclave", (forger, value) => forger.Without(value, TdxMediaTypes.EnclaveIdentity)),
        new("D1", "enclave-unsigned", CheckNames.EnclaveSignature, "a quoting enclave's report that the machine's key did not sign", (forger, value) => forger.Attest(value, making: new() { PckKey = forger.Key })),
        new("D2", "enclave-other-key", CheckNames.EnclaveKey, "a quoting enclave's report over another key", (forger, value) => forger.Attest(value, making: new() { BoundKey = forger.Key })),
        new("D2", "other-attestation-key", CheckNames.ReportSignature, "a quote that another key signed", (forger, value) => forger.Attest(value, making: new() { QuoteKey = forger.Key })),
        new("D3", "collateral-of-another-signer", CheckNames.CollateralSignature, "collateral that another key signed", (forger, value) => forger.Attest(value, collateral: new() { Signer = forger.Key })),
        new("D3", "tcb-info-of-sgx", CheckNames.Collateral, "TCB info for SGX", (forger, value) => forger.Attest(value, collateral: new() { Id = "SGX" })),
        new("D3", "tcb-info-of-another-platform", CheckNames.CollateralPlatform, "TCB info of another kind of platform", (forger, value) => forger.Attest(value, collateral: new() { Fmspc = "00806F050001" })),
        new("D3", "tcb-info-of-another-enclave", CheckNames.CollateralPlatform, "TCB info of another provisioning enclave", (forger, value) => forger.Attest(value, collateral: new() { PceId = "0001" })),
        new("D3", "collateral-over", CheckNames.CollateralValidity, "collateral whose time is over", (forger, value) => forger.Attest(value, collateral: new() { Made = forger.Now.AddDays(-40) })),
        new("D3", "collateral-not-yet-valid", CheckNames.CollateralValidity, "collateral whose time has not come", (forger, value) => forger.Attest(value, collateral: new() { Made = forger.Now.AddDays(2) })),
        new("D3", "collateral-rolled-back", CheckNames.CollateralNumber, "collateral from before an advisory, which a policy with a minimum refuses", (forger, value) => forger.Attest(value, collateral: new() { EvaluationNumber = 1 })),
        new("D3", "tcb-info-edited", CheckNames.CollateralSignature, "TCB info that was changed after it was signed", (forger, value) => forger.Edited(value, TdxMediaTypes.TcbInfo, text => Replaced(text, "\"isvsvn\":3", "\"isvsvn\":2"))),
        new("D3", "tcb-info-written-anew", CheckNames.CollateralSignature, "TCB info that says the same in other bytes", (forger, value) => forger.Edited(value, TdxMediaTypes.TcbInfo, text => Replaced(text, "\"version\":3", "\"version\": 3"))),
        new("D4", "revocation-lists-over", CheckNames.RevocationList, "revocation lists whose time is over", (forger, value) => forger.Attest(value, collateral: new() { ListsEnd = forger.Now.AddSeconds(-1) })),
        new("D4", "revocation-list-of-another", CheckNames.RevocationList, "a revocation list that another key signed", (forger, value) => forger.Attest(value, collateral: new() { RootListKey = forger.Key })),
        new("D4", "revocation-list-of-another-issuer", CheckNames.RevocationList, "a revocation list in another's name", (forger, value) => forger.WithListOfAnotherIssuer(value)),
        new("D4", "revocation-list-unsigned", CheckNames.RevocationList, "revocation lists whose signature was taken out", (forger, value) => forger.Collateral(value, Unsigned)),
        new("D4", "no-revocation-lists", CheckNames.RevocationList, "no revocation lists", (forger, value) => forger.Without(value, Endorsement.RevocationListMediaType)),
        new("D5", "unknown-module", CheckNames.Module, "a TDX module that TCB info does not name", (forger, value) => forger.Attest(value, collateral: new() { ModuleId = "TDX_03" })),
        new("D5", "module-of-another-signer", CheckNames.Module, "a TDX module that another signed", (forger, value) => forger.Attest(value, forger.Guest with { SeamSigner = Filled(1) })),
        new("D6", "revoked-level", CheckNames.TcbStatus, "a platform's level that is revoked", (forger, value) => forger.Attest(value, collateral: new() { Status = Revoked })),
        new("D6", "revoked-module", CheckNames.TcbStatus, "a TDX module's level that is revoked", (forger, value) => forger.Attest(value, collateral: new() { ModuleStatus = Revoked })),
        new("D9", "exceptions-from-outside", CheckNames.TdAttributes, "a TD without SEPT_VE_DISABLE", (forger, value) => forger.Attest(value, forger.Guest with { Attributes = forger.Guest.Attributes & ~TdAttributes.SeptVeDisable })),
        new("D10", "lying-length", CheckNames.ReportFormat, "a quote that names a length which it does not have",
            (forger, value) => forger.Spoiled(value, quote => Changed(quote, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(SectionLength), uint.MaxValue)))),
        new("D10", "bytes-behind-the-end", CheckNames.ReportFormat, "a quote with a byte behind its end", (forger, value) => forger.Spoiled(value, quote => [.. quote, 1])),
        new("E1", "zero-in-signature", CheckNames.ReportSignature, "a signature with a half of zero", (forger, value) => forger.Spoiled(value, quote => Changed(quote, bytes => bytes.AsSpan(Signature, ScalarSize).Clear()))),
        new("E1", "order-in-signature", CheckNames.ReportSignature, "a signature with a half that is the group's order", (forger, value) => forger.Spoiled(value, quote => Changed(quote, bytes => Order.CopyTo(bytes, Signature)))),
        new("E2", "other-byte-order", CheckNames.ReportSignature, "a signature in the other byte order", (forger, value) => forger.Spoiled(value, quote => Changed(quote, bytes =>
        {
            bytes.AsSpan(Signature, ScalarSize).Reverse();
            bytes.AsSpan(Signature + ScalarSize, ScalarSize).Reverse();
        }))),
        new("E5", "cut-quote", CheckNames.ReportFormat, "a quote without its last byte", (forger, value) => forger.Spoiled(value, quote => quote[..^1])),
        new("E6", "doubled-member", CheckNames.Collateral, "TCB info that gives a level two statuses, signed", (forger, value) => forger.Attest(value, collateral: new() { Status = Revoked, SecondStatus = "UpToDate" })),
        new("F4", "unknown-kind", CheckNames.EvidenceType, "evidence of a kind that nobody knows", (forger, value) => Renamed(forger.Attest(value))),
        new("F6", "other-kind", CheckNames.EvidenceType, "valid evidence of an SEV-SNP machine, which a policy for TDX alone refuses", (forger, value) => forger.OfSnp(value)),
        new("F6", "sgx", CheckNames.ReportFormat, "a quote of an SGX enclave", (forger, value) => forger.Attest(value, making: new() { IsSgx = true })),
    ];

    private static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, TdReport.MeasurementSize)];

    private static byte[] Changed(byte[] bytes, Action<byte[]> change)
    {
        change(bytes);
        return bytes;
    }

    private static AttestedValue Renamed(AttestedValue attested) => new(attested.Evidence with { MediaType = "application/octet-stream" }, attested.Endorsements);

    private static Endorsement Unsigned(Endorsement piece) => piece.MediaType is Endorsement.RevocationListMediaType
        ? piece with { Bytes = Changed(piece.Bytes.ToArray(), bytes => bytes.AsSpan(^ScalarSize..).Clear()) }
        : piece;

    private static string Replaced(string text, string part, string other) => text.Contains(part, StringComparison.Ordinal)
        ? text.Replace(part, other, StringComparison.Ordinal)
        : throw new InvalidOperationException("The collateral does not say what is to be changed.");
}

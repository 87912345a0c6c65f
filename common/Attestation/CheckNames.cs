namespace Veil.Attestation;

/// <summary>The closed set of names of appraisal checks.</summary>
public static class CheckNames
{
    /// <summary>The TLS leaf is one well-formed certificate.</summary>
    public const string Certificate = "certificate";

    /// <summary>The leaf is within its validity and signed by its own key.</summary>
    public const string CertificateValidity = "certificate-validity";

    /// <summary>The leaf's signature is by its own key.</summary>
    public const string CertificateSignature = "certificate-signature";

    /// <summary>The leaf carries exactly one well-formed host record.</summary>
    public const string HostRecord = "host-record";

    /// <summary>The claims are well-formed.</summary>
    public const string Claims = "claims";

    /// <summary>The claims name the service that the policy is for.</summary>
    public const string ClaimsService = "claims-service";

    /// <summary>The claims hold now.</summary>
    public const string ClaimsValidity = "claims-validity";

    /// <summary>The claims do not hold for longer than the policy allows.</summary>
    public const string ClaimsLifetime = "claims-lifetime";

    /// <summary>The claims name a checkpoint of the authority's log, and hold for no longer after it than the policy allows.</summary>
    public const string ClaimsCheckpoint = "claims-checkpoint";

    /// <summary>The TLS key of this certificate is the one in the claims.</summary>
    public const string TlsKey = "tls-key";

    /// <summary>The evidence is of a kind that the policy accepts.</summary>
    public const string EvidenceType = "evidence-type";

    /// <summary>The report is well-formed, of a known version, with zero where zero must be.</summary>
    public const string ReportFormat = "report-format";

    /// <summary>The report says that it is signed by a key that the policy accepts.</summary>
    public const string SigningKey = "signing-key";

    /// <summary>The endorsements hold the certificates that the report needs.</summary>
    public const string Endorsements = "endorsements";

    /// <summary>The processor's product line is known and is that of the certificates.</summary>
    public const string ProductLine = "product-line";

    /// <summary>The root's key is one that the policy names.</summary>
    public const string TrustedRoot = "trusted-root";

    /// <summary>Names, roles and signatures from root to endorsement key.</summary>
    public const string Chain = "chain";

    /// <summary>The root's list of revoked certificates is there, its own, current, and names none of the chain.</summary>
    public const string RevocationList = "revocation-list";

    /// <summary>Every certificate of the chain is within its validity.</summary>
    public const string ChainValidity = "chain-validity";

    /// <summary>The endorsement certificate is of the kind that the report says, and well-formed.</summary>
    public const string EndorsementKey = "endorsement-key";

    /// <summary>The endorsement certificate is for the firmware that the report names.</summary>
    public const string EndorsedTcb = "endorsed-tcb";

    /// <summary>The endorsement certificate is for the chip that the report names.</summary>
    public const string ChipId = "chip-id";

    /// <summary>The cloud provider that holds a VLEK is one that the policy names.</summary>
    public const string KeyHolder = "key-holder";

    /// <summary>The report's signature.</summary>
    public const string ReportSignature = "report-signature";

    /// <summary>The report is over the bound value of these claims.</summary>
    public const string ReportData = "report-data";

    /// <summary>The guest cannot be debugged by its operator.</summary>
    public const string Debug = "debug";

    /// <summary>The guest cannot be moved by a migration agent.</summary>
    public const string Migration = "migration";

    /// <summary>The report was asked for at a privilege level that the policy accepts.</summary>
    public const string PrivilegeLevel = "privilege-level";

    /// <summary>Firmware is at least what the policy asks for, as reported and as committed.</summary>
    public const string MinimumTcb = "minimum-tcb";

    /// <summary>No component of the reported firmware is above the committed, and none of the committed above the current.</summary>
    public const string TcbOrder = "tcb-order";

    /// <summary>The firmware that runs is the committed one, so that no older can be loaded in its place.</summary>
    public const string ProvisionalFirmware = "provisional-firmware";

    /// <summary>The mitigations that the policy names were there at launch and are there now.</summary>
    public const string Mitigations = "mitigations";

    /// <summary>The guest's own launch policy forbids and requires what the policy asks for.</summary>
    public const string GuestPolicy = "guest-policy";

    /// <summary>The guest asked for firmware of at least the ABI version that the policy names.</summary>
    public const string GuestAbi = "guest-abi";

    /// <summary>The platform's settings are those that the policy asks for.</summary>
    public const string PlatformInfo = "platform-info";

    /// <summary>The guest's launch measurement is one that the policy names.</summary>
    public const string Measurement = "measurement";

    /// <summary>The image's family is one that the policy names.</summary>
    public const string FamilyId = "family-id";

    /// <summary>The image's id is one that the policy names.</summary>
    public const string ImageId = "image-id";

    /// <summary>The machine is one that the policy names.</summary>
    public const string PinnedChip = "pinned-chip";

    /// <summary>The evidence was made for this nonce.</summary>
    public const string Nonce = "nonce";

    /// <summary>The data that the host gave at launch is what the policy names.</summary>
    public const string HostData = "host-data";

    /// <summary>The quoting enclave's report is signed by the platform's certified key.</summary>
    public const string EnclaveSignature = "enclave-signature";

    /// <summary>The quoting enclave's report is over the key that signed the quote.</summary>
    public const string EnclaveKey = "enclave-key";

    /// <summary>The quoting enclave is the manufacturer's, of a level that its collateral knows.</summary>
    public const string EnclaveIdentity = "enclave-identity";

    /// <summary>The manufacturer's collateral is there, once each, well-formed and of the wanted kind.</summary>
    public const string Collateral = "collateral";

    /// <summary>The collateral is signed by the manufacturer.</summary>
    public const string CollateralSignature = "collateral-signature";

    /// <summary>The collateral is within its validity.</summary>
    public const string CollateralValidity = "collateral-validity";

    /// <summary>The collateral is for this kind of platform.</summary>
    public const string CollateralPlatform = "collateral-platform";

    /// <summary>The collateral is not older than the policy asks for.</summary>
    public const string CollateralNumber = "collateral-number";

    /// <summary>The TDX module is one that the collateral names.</summary>
    public const string Module = "module";

    /// <summary>The platform has a level whose status the policy accepts.</summary>
    public const string TcbStatus = "tcb-status";

    /// <summary>The TD's attributes are those that the policy asks for.</summary>
    public const string TdAttributes = "td-attributes";

    /// <summary>The processor state that the TD may use is what the policy names.</summary>
    public const string Xfam = "xfam";

    /// <summary>Run-time measurements are those of the image.</summary>
    public const string RuntimeMeasurement = "runtime-measurement";

    /// <summary>The values that the operator chose at launch are what the policy names.</summary>
    public const string LaunchConfiguration = "launch-configuration";

    /// <summary>No service TD may touch this one, or only those that the policy names.</summary>
    public const string ServiceTd = "service-td";

    /// <summary>The TDX module's measurement is one that the policy names.</summary>
    public const string ModuleMeasurement = "module-measurement";

    /// <summary>A GPU's certificate was made by the firmware that the report names.</summary>
    public const string GpuFirmware = "gpu-firmware";

    /// <summary>What the record's GPUs say is what the claims name; a gap where the policy does not ask for GPUs.</summary>
    public const string GpuEvidence = "gpu-evidence";

    /// <summary>The host shows as many GPUs as the policy asks for.</summary>
    public const string GpuCount = "gpu-count";
}

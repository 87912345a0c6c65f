using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Veil.Attestation;
using Veil.Attestation.Tdx;

namespace Veil.SoftwareTee;

/// <summary>
/// A TDX machine in software, under a root of its own in Intel's form: PCK chain, quoting enclave, TCB info, enclave identity and revocation lists. Real formats and
/// real signatures, no protection of memory whatsoever. Settings are what a forger would turn.
/// </summary>
public sealed class SoftwareTdxPlatform : IDisposable
{
    private const string ExtensionOid = "1.2.840.113741.1.13.1";
    private const string RootKeyFile = "tdx-root.key";
    private static readonly byte[] Vendor = Convert.FromHexString("939a7233f79c4ca9940a0db3957f0607");
    private static readonly byte[] EnclaveSigner = SHA256.HashData("veil software quoting enclave"u8);
    private static readonly byte[] SignerSerial = [3];
    private readonly ECDsa _rootKey;
    private readonly ECDsa _authorityKey = MakeKey();
    private readonly ECDsa _signerKey = MakeKey();
    private readonly ECDsa _pckKey = MakeKey();
    private readonly ECDsa _attestationKey = MakeKey();
    private readonly DateTimeOffset _now;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _signer;
    private readonly X509Certificate2 _pck;

    /// <summary>Makes a machine under a root of its own; certificates are valid from the day before for seven years.</summary>
    public SoftwareTdxPlatform(DateTimeOffset now)
        : this(MakeKey(), now)
    {
    }

    private SoftwareTdxPlatform(ECDsa rootKey, DateTimeOffset now)
    {
        (_rootKey, _now) = (rootKey, now);
        _root = Issue("Intel SGX Root CA", _rootKey, "Intel SGX Root CA", _rootKey, [1], isAuthority: true);
        _authority = Issue("Intel SGX PCK Platform CA", _authorityKey, "Intel SGX Root CA", _rootKey, [2], isAuthority: true);
        _signer = Issue("Intel SGX TCB Signing", _signerKey, "Intel SGX Root CA", _rootKey, SignerSerial, isAuthority: false);
        _pck = Issue("Intel SGX PCK Certificate", _pckKey, "Intel SGX PCK Platform CA", _authorityKey, PckSerial, isAuthority: false, PckExtension());
    }

    /// <summary>Makes a machine under the root in a folder; the first to come makes the root's key.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="CryptographicException">The folder holds something else.</exception>
    public static SoftwareTdxPlatform Under(string folder, DateTimeOffset now) => new(KeyFile.OpenOrCreate(Path.Combine(folder, RootKeyFile), ECCurve.NamedCurves.nistP256), now);

    /// <summary>Serial number of the PCK certificate.</summary>
    public static ReadOnlySpan<byte> PckSerial => [4];

    /// <summary>FMSPC of the platform, 6 bytes.</summary>
    public static ReadOnlySpan<byte> Fmspc => [0x00, 0x80, 0x6f, 0x05, 0, 0];

    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo: what a policy names.</summary>
    public byte[] SpkiSha256 => SHA256.HashData(_root.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>The root's certificate.</summary>
    internal X509Certificate2 Root => _root;

    /// <summary>The certificate of what signs collateral.</summary>
    internal X509Certificate2 Signer => _signer;

    /// <summary>Another machine under this root, all of whose certificates were made at another time.</summary>
    internal SoftwareTdxPlatform At(DateTimeOffset made) => new(ECDsa.Create(_rootKey.ExportParameters(includePrivateParameters: true)), made);

    /// <summary>TCB info, enclave identity, their signer and both revocation lists.</summary>
    public IReadOnlyList<Endorsement> Endorse(SoftwareTdxCollateral? collateral = null)
    {
        collateral ??= new();
        DateTimeOffset made = collateral.Made ?? _now.AddDays(-1);
        string dates = $"\"issueDate\":\"{made:yyyy-MM-dd'T'HH:mm:ss'Z'}\",\"nextUpdate\":\"{made.AddDays(30):yyyy-MM-dd'T'HH:mm:ss'Z'}\"";
        return
        [
            new(TdxMediaTypes.TcbInfo, Signed("tcbInfo", Info(collateral, dates), collateral.Signer ?? _signerKey)),
            new(TdxMediaTypes.EnclaveIdentity, Signed("enclaveIdentity", Identity(collateral, dates), collateral.Signer ?? _signerKey)),
            new(Endorsement.CertificateMediaType, _signer.RawData),
            RevocationList(collateral.ListIssuer ?? _authority, _authorityKey, collateral.RevokedPck ? [PckSerial.ToArray()] : [], collateral.ListsEnd),
            RevocationList(_root, collateral.RootListKey ?? _rootKey, collateral.RevokedSigner ? [SignerSerial] : [], collateral.ListsEnd),
        ];
    }

    /// <summary>A quote of version 4, or of version 5 for a TD that has a service TD.</summary>
    /// <param name="guest">What the TD is.</param>
    /// <param name="reportData">64 bytes of the TD's choice.</param>
    /// <param name="making">How it is made; null for an honest one.</param>
    public byte[] Quote(SoftwareTd guest, ReadOnlySpan<byte> reportData, SoftwareTdxQuote? making = null)
    {
        ArgumentNullException.ThrowIfNull(guest);
        making ??= new();
        byte[] body = making.IsSgx ? SgxBody(reportData) : guest.Write(reportData);
        bool is15 = body.Length == TdReport.Size15;
        byte[] header = new byte[48];
        BinaryPrimitives.WriteUInt16LittleEndian(header, making.IsSgx ? (ushort)3 : is15 ? (ushort)5 : (ushort)4);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), making.IsSgx ? 0u : 0x81u);
        Vendor.CopyTo(header, 12);
        byte[] signed = [.. header, .. is15 ? (byte[])[.. Short(3), .. Long(body.Length)] : [], .. body];

        byte[] authData = new byte[32];
        byte[] key = Point(_attestationKey);
        byte[] enclave = new byte[EnclaveReport.Size];
        enclave[48] = (byte)(making.EnclaveDebug ? 0x13 : 0x11);
        (making.EnclaveSigner.IsEmpty ? EnclaveSigner : making.EnclaveSigner.Span).CopyTo(enclave.AsSpan(128));
        BinaryPrimitives.WriteUInt16LittleEndian(enclave.AsSpan(256), making.EnclaveProduct);
        BinaryPrimitives.WriteUInt16LittleEndian(enclave.AsSpan(258), making.EnclaveSvn);
        SHA256.HashData([.. making.BoundKey is { } other ? Point(other) : key, .. authData]).CopyTo(enclave, 320);

        string pem = string.Concat(new[] { _pck, _authority, making.Top ?? _root }.Select(certificate => certificate.ExportCertificatePem() + "\n"));
        byte[] data = [.. enclave, .. Sign(making.PckKey ?? _pckKey, enclave), .. Short(authData.Length), .. authData, .. Short(5), .. Long(pem.Length), .. Encoding.ASCII.GetBytes(pem)];
        byte[] certification = making.IsSgx ? data : [.. Short(6), .. Long(data.Length), .. data];
        byte[] section = [.. Sign(making.QuoteKey ?? _attestationKey, signed), .. key, .. certification];
        return [.. signed, .. Long(section.Length), .. section];
    }

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        foreach (ECDsa key in new[] { _rootKey, _authorityKey, _signerKey, _pckKey, _attestationKey })
        {
            key.Dispose();
        }

        foreach (X509Certificate2 certificate in new[] { _root, _authority, _signer, _pck })
        {
            certificate.Dispose();
        }
    }

    /// <summary>An SGX enclave's report: all zero but for what it says.</summary>
    private static byte[] SgxBody(ReadOnlySpan<byte> reportData) => [.. new byte[EnclaveReport.Size - reportData.Length], .. reportData];

    private static string Info(SoftwareTdxCollateral collateral, string dates)
    {
        string components = string.Join(',', Enumerable.Repeat("{\"svn\":1}", 16));
        string status = string.Join(',', new[] { collateral.Status, collateral.SecondStatus }.OfType<string>().Select(value => $"\"tcbStatus\":\"{value}\""));
        string module = $"\"mrsigner\":\"{new string('0', 96)}\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
        return $"{{\"id\":\"{collateral.Id}\",\"version\":3,{dates},\"fmspc\":\"{collateral.Fmspc ?? Convert.ToHexString(Fmspc)}\",\"pceId\":\"{collateral.PceId}\",\"tcbType\":0,"
            + $"\"tcbEvaluationDataNumber\":{collateral.EvaluationNumber},\"tdxModule\":{{{module}}},"
            + $"\"tdxModuleIdentities\":[{{\"id\":\"{collateral.ModuleId}\",{module},\"tcbLevels\":[{{\"tcb\":{{\"isvsvn\":3}},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"{collateral.ModuleStatus}\"}}]}}],"
            + $"\"tcbLevels\":[{{\"tcb\":{{\"sgxtcbcomponents\":[{components}],\"pcesvn\":11,\"tdxtcbcomponents\":[{components}]}},\"tcbDate\":\"2025-01-01T00:00:00Z\",{status}}}]}}";
    }

    private static string Identity(SoftwareTdxCollateral collateral, string dates) =>
        $"{{\"id\":\"TD_QE\",\"version\":2,{dates},\"tcbEvaluationDataNumber\":{collateral.EvaluationNumber},\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
        + $"\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"{Convert.ToHexString(EnclaveSigner)}\",\"isvprodid\":2,"
        + "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}";

    private static byte[] Signed(string name, string inner, ECDsa key) =>
        Encoding.UTF8.GetBytes($"{{\"{name}\":{inner},\"signature\":\"{Convert.ToHexStringLower(Sign(key, Encoding.UTF8.GetBytes(inner)))}\"}}");

    private static byte[] PckExtension()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (Field(writer, ".2"))
            using (writer.PushSequence())
            {
                for (int i = 1; i <= 17; i++)
                {
                    using (Field(writer, $".2.{i}"))
                    {
                        writer.WriteInteger(i == 17 ? 11 : 1);
                    }
                }
            }

            using (Field(writer, ".3"))
            {
                writer.WriteOctetString([0, 0]);
            }

            using (Field(writer, ".4"))
            {
                writer.WriteOctetString(Fmspc);
            }
        }

        return writer.Encode();
    }

    private static AsnWriter.Scope Field(AsnWriter writer, string suffix)
    {
        AsnWriter.Scope scope = writer.PushSequence();
        writer.WriteObjectIdentifier(ExtensionOid + suffix);
        return scope;
    }

    private static Endorsement RevocationList(X509Certificate2 issuer, ECDsa key, byte[][] serialNumbers, DateTimeOffset? end, DateTimeOffset made)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (byte[] serialNumber in serialNumbers)
        {
            builder.AddEntry(serialNumber, made);
        }

        byte[] list = builder.Build(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), crlNumber: 1, end ?? made.AddDays(30), HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(KeyIdentifier(issuer)), made);
        return new(Endorsement.RevocationListMediaType, list);
    }

    private static byte[] KeyIdentifier(X509Certificate2 issuer) => SHA256.HashData(issuer.PublicKey.ExportSubjectPublicKeyInfo())[..20];

    private static byte[] Point(ECDsa key)
    {
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return [.. point.X!, .. point.Y!];
    }

    private static byte[] Sign(ECDsa key, byte[] data) => key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    private static byte[] Short(int value) => [(byte)(value & 0xFF), (byte)((value >> 8) & 0xFF)];

    private static byte[] Long(int value) => [.. Short(value), .. Short(value >> 16)];

    private static ECDsa MakeKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static X500DistinguishedName Name(string commonName)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        name.AddOrganizationName("Veil software TEE");
        return name.Build();
    }

    private Endorsement RevocationList(X509Certificate2 issuer, ECDsa key, byte[][] serialNumbers, DateTimeOffset? end) =>
        RevocationList(issuer, key, serialNumbers, end, end is { } stale ? stale.AddDays(-30) : _now.AddDays(-1));

    private X509Certificate2 Issue(string name, ECDsa key, string issuer, ECDsa issuerKey, ReadOnlySpan<byte> serialNumber, bool isAuthority, byte[]? extension = null)
    {
        var request = new CertificateRequest(Name(name), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(isAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature, critical: true));
        if (extension is not null)
        {
            request.CertificateExtensions.Add(new X509Extension(ExtensionOid, extension, critical: false));
        }

        using X509Certificate2 issued = request.Create(Name(issuer), X509SignatureGenerator.CreateForECDsa(issuerKey), _now.AddDays(-1), _now.AddYears(7), serialNumber);
        return X509CertificateLoader.LoadCertificate(issued.RawData);
    }
}

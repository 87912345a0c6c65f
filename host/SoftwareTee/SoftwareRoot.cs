using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.SoftwareTee;

/// <summary>
/// A root of its own in AMD's form: ARK (self-signed), ASK and ASVK, RSA-4096, kept in a folder so that several software TEEs share one
/// root. The ARK's private key is never written down: a root from a folder has no ASVK, and of revocation lists only the one that was made with it. Whoever can read the folder
/// can forge hosts: it is trusted only where a policy names this root.
/// </summary>
public sealed class SoftwareRoot : IDisposable
{
    private const int RsaBits = 4096;
    private const string RootFile = "ark.pem";
    private const string IntermediateFile = "ask.pem";
    private const string IntermediateKeyFile = "ask.key";
    private const string RevokedFile = "ask-revoked.crl";
    private const string LockFile = "lock";

    /// <summary>Two RSA-4096 keys take seconds; on a machine that is busy with other things, a minute.</summary>
    private static readonly TimeSpan OtherMakerTime = TimeSpan.FromMinutes(2);

    /// <summary>Serial number of the ASK.</summary>
    private static readonly byte[] IntermediateSerial = [1, 0, 1];

    private readonly RSA? _rootKey;
    private readonly DateTimeOffset _made;
    private readonly Endorsement? _revoked;

    private SoftwareRoot(ProductLine line, X509Certificate2 root, X509Certificate2 intermediate, X509Certificate2? vlekIntermediate, RSA intermediateKey, RSA? rootKey, DateTimeOffset made, Endorsement? revoked = null)
    {
        Line = line;
        Root = root;
        Intermediate = intermediate;
        VlekIntermediate = vlekIntermediate;
        IntermediateKey = intermediateKey;
        _rootKey = rootKey;
        _made = made;
        _revoked = revoked;
    }

    /// <summary>The product line in the certificates' names.</summary>
    public ProductLine Line { get; }

    /// <summary>ARK-Milan.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>SEV-Milan, the ASK.</summary>
    public X509Certificate2 Intermediate { get; }

    /// <summary>SEV-VLEK-Milan, the ASVK, with the same key; null where the root came from a folder.</summary>
    public X509Certificate2? VlekIntermediate { get; }

    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo: what a policy names.</summary>
    public byte[] SpkiSha256 => SHA256.HashData(Root.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>A list on which the ASK stands, as the root would issue it had the ASK's key been lost; null where the folder has none.</summary>
    public Endorsement? RevokedIntermediate => _revoked ?? (_rootKey is null ? null : RevocationList([IntermediateSerial], _made.AddDays(-1), _made.AddDays(30)));

    /// <summary>The ASK's key, which signs VCEKs.</summary>
    internal RSA IntermediateKey { get; }

    private RSA RootKey => _rootKey ?? throw new InvalidOperationException("A root from a folder has no ARK key.");

    /// <summary>A new root that lives in memory only.</summary>
    public static SoftwareRoot Create(DateTimeOffset now)
    {
        Task<RSA> making = Task.Run(MakeKey); // The two keys take seconds each, so they are made side by side.
        RSA intermediateKey = MakeKey();
        RSA rootKey = making.GetAwaiter().GetResult();
        return Certify(ProductLine.Milan, rootKey, intermediateKey, now);
    }

    /// <summary>The same keys under the names of another product line: what a root of the wrong line looks like.</summary>
    /// <exception cref="InvalidOperationException">The root came from a folder.</exception>
    public SoftwareRoot ForLine(ProductLine line) => Certify(line, Copy(RootKey), Copy(IntermediateKey), _made);

    /// <summary>A revocation list of the root, signed now, in AMD's form.</summary>
    /// <param name="serialNumbers">Serial numbers of revoked certificates, big-endian.</param>
    /// <param name="thisUpdate">When it is made.</param>
    /// <param name="nextUpdate">Until when it is current.</param>
    /// <exception cref="InvalidOperationException">The root came from a folder.</exception>
    public Endorsement RevocationList(IEnumerable<byte[]> serialNumbers, DateTimeOffset thisUpdate, DateTimeOffset nextUpdate)
    {
        ArgumentNullException.ThrowIfNull(serialNumbers);
        var builder = new CertificateRevocationListBuilder();
        foreach (byte[] serialNumber in serialNumbers)
        {
            builder.AddEntry(serialNumber, thisUpdate);
        }

        byte[] list = builder.Build(
            Root.SubjectName, X509SignatureGenerator.CreateForRSA(RootKey, RSASignaturePadding.Pss), crlNumber: 1, nextUpdate, HashAlgorithmName.SHA384,
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(SpkiSha256.AsSpan(0, 20)), thisUpdate);
        return new(Endorsement.RevocationListMediaType, list);
    }

    private static SoftwareRoot Certify(ProductLine line, RSA rootKey, RSA intermediateKey, DateTimeOffset now)
    {
        DateTimeOffset notBefore = now.AddDays(-1);
        DateTimeOffset notAfter = now.AddYears(25);
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForRSA(rootKey, RSASignaturePadding.Pss);
        X500DistinguishedName rootName = AmdName.Of($"ARK-{line}");
        return new(
            line,
            Issue(rootName, rootKey, [1, 0, 0]),
            Issue(AmdName.Of($"SEV-{line}"), intermediateKey, IntermediateSerial),
            Issue(AmdName.Of($"SEV-VLEK-{line}"), intermediateKey, [1, 1, 1]),
            intermediateKey,
            rootKey,
            now);

        X509Certificate2 Issue(X500DistinguishedName name, RSA key, byte[] serialNumber)
        {
            using X509Certificate2 issued = Authority(name, key).Create(rootName, signer, notBefore, notAfter, serialNumber);
            return X509CertificateLoader.LoadCertificate(issued.RawData);
        }
    }

    private static RSA Copy(RSA key)
    {
        var copy = RSA.Create();
        copy.ImportParameters(key.ExportParameters(includePrivateParameters: true));
        return copy;
    }

    private static RSA MakeKey()
    {
        var key = RSA.Create(RsaBits);
        key.ExportParameters(includePrivateParameters: false); // The framework makes a key when it is first asked for it.
        return key;
    }

    /// <summary>The root in a folder; the first to come makes it, others wait for it.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="CryptographicException">The folder holds something else.</exception>
    public static SoftwareRoot OpenOrCreate(string folder, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        using FileStream held = Lock(Path.Combine(folder, LockFile));
        if (!File.Exists(Path.Combine(folder, IntermediateKeyFile)))
        {
            using SoftwareRoot made = Create(now);
            made.Save(folder);
        }

        var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, IntermediateKeyFile)));
        return new(
            ProductLine.Milan,
            X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, RootFile)),
            X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, IntermediateFile)),
            vlekIntermediate: null,
            key,
            rootKey: null,
            now,
            File.Exists(Path.Combine(folder, RevokedFile)) ? new(Endorsement.RevocationListMediaType, File.ReadAllBytes(Path.Combine(folder, RevokedFile))) : null);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
        VlekIntermediate?.Dispose();
        IntermediateKey.Dispose();
        _rootKey?.Dispose();
    }

    private static CertificateRequest Authority(X500DistinguishedName name, RSA key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        return request;
    }

    private static FileStream Lock(string path)
    {
        for (long started = Environment.TickCount64; ; Thread.Sleep(50))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Environment.TickCount64 - started < OtherMakerTime.TotalMilliseconds)
            {
                // Another software TEE is making the root.
            }
        }
    }

    private void Save(string folder)
    {
        // The key comes last: its presence says that all are there.
        File.WriteAllBytes(Path.Combine(folder, RevokedFile), RevokedIntermediate!.Bytes.Span);
        File.WriteAllText(Path.Combine(folder, RootFile), Root.ExportCertificatePem() + "\n");
        File.WriteAllText(Path.Combine(folder, IntermediateFile), Intermediate.ExportCertificatePem() + "\n");
        string unfinished = Path.Combine(folder, IntermediateKeyFile + ".new");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(unfinished, options))
        {
            writer.Write(IntermediateKey.ExportPkcs8PrivateKeyPem() + "\n");
        }

        File.Move(unfinished, Path.Combine(folder, IntermediateKeyFile), overwrite: true);
    }
}

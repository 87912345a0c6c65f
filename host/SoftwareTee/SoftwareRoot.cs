using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.SoftwareTee;

/// <summary>
/// A root of its own in AMD's form: ARK (self-signed) and ASK, RSA-4096, kept in a folder so that several software TEEs share one
/// root. The ARK's private key is forgotten once it has signed the ASK. Whoever can read the folder can forge hosts: it is trusted only
/// where a policy names this root.
/// </summary>
public sealed class SoftwareRoot : IDisposable
{
    private const int RsaBits = 4096;
    private const string Product = "Milan";
    private const string RootFile = "ark.pem";
    private const string IntermediateFile = "ask.pem";
    private const string IntermediateKeyFile = "ask.key";
    private const string LockFile = "lock";

    /// <summary>Two RSA-4096 keys take seconds; on a machine that is busy with other things, a minute.</summary>
    private static readonly TimeSpan OtherMakerTime = TimeSpan.FromMinutes(2);

    private SoftwareRoot(X509Certificate2 root, X509Certificate2 intermediate, RSA intermediateKey)
    {
        Root = root;
        Intermediate = intermediate;
        IntermediateKey = intermediateKey;
    }

    /// <summary>ARK-Milan.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>SEV-Milan, the ASK.</summary>
    public X509Certificate2 Intermediate { get; }

    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo: what a policy names.</summary>
    public byte[] SpkiSha256 => SHA256.HashData(Root.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>The ASK's key, which signs VCEKs.</summary>
    internal RSA IntermediateKey { get; }

    /// <summary>A new root that lives in memory only.</summary>
    public static SoftwareRoot Create(DateTimeOffset now)
    {
        Task<RSA> making = Task.Run(MakeKey); // The two keys take seconds each, so they are made side by side.
        RSA intermediateKey = MakeKey();
        using RSA rootKey = making.GetAwaiter().GetResult();
        DateTimeOffset notBefore = now.AddDays(-1);
        DateTimeOffset notAfter = now.AddYears(25);
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForRSA(rootKey, RSASignaturePadding.Pss);
        X500DistinguishedName rootName = AmdName.Of($"ARK-{Product}");
        using X509Certificate2 root = Authority(rootName, rootKey).Create(rootName, signer, notBefore, notAfter, [1, 0, 0]);
        using X509Certificate2 intermediate = Authority(AmdName.Of($"SEV-{Product}"), intermediateKey).Create(rootName, signer, notBefore, notAfter, [1, 0, 1]);
        return new(X509CertificateLoader.LoadCertificate(root.RawData), X509CertificateLoader.LoadCertificate(intermediate.RawData), intermediateKey);
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
            X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, RootFile)),
            X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, IntermediateFile)),
            key);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
        IntermediateKey.Dispose();
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
        // The key comes last: its presence says that all three are there.
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

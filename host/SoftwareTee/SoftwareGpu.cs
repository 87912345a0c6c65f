using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation.Nvidia;

namespace Veil.SoftwareTee;

/// <summary>A GPU in software: a device chain up to a root of its own, and reports in the form in which NVIDIA's GPUs sign them. Real formats and real signatures, no protection whatsoever.</summary>
public sealed class SoftwareGpu : IDisposable
{
    /// <summary>The index of its only measurement.</summary>
    public const int MeasurementIndex = 1;

    private const string RootKeyFile = "gpu-root.key";

    private static readonly ECCurve Curve = ECCurve.NamedCurves.nistP384;

    private static readonly byte[] FirmwareMeasurement = SHA384.HashData("veil software gpu"u8);

    private static readonly byte[] FirmwareId = SHA384.HashData("veil software gpu firmware"u8);
    private readonly ECDsa _key = ECDsa.Create(Curve);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _leaf;

    /// <summary>Makes a GPU under a root of its own.</summary>
    /// <param name="now">Its chain is valid from the day before.</param>
    /// <param name="lifetime">How long its chain is valid; null for a year.</param>
    public SoftwareGpu(DateTimeOffset now, TimeSpan? lifetime = null)
        : this(ECDsa.Create(Curve), now, lifetime ?? TimeSpan.FromDays(365))
    {
    }

    private SoftwareGpu(ECDsa rootKey, DateTimeOffset now, TimeSpan lifetime)
    {
        using ECDsa signer = rootKey;
        var root = new CertificateRequest("CN=Software GPU root", signer, HashAlgorithmName.SHA384);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _root = root.CreateSelfSigned(now.AddYears(-1), now.AddYears(10));
        var leaf = new CertificateRequest("CN=Software GPU", _key, HashAlgorithmName.SHA384);
        leaf.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        leaf.CertificateExtensions.Add(new X509Extension("2.23.133.5.4.1", [0x04, (byte)FirmwareId.Length, .. FirmwareId], critical: false));
        _leaf = leaf.Create(_root, now.AddDays(-1), now + lifetime, [1]);
    }

    /// <summary>Makes a GPU under the root in a folder; the first to come makes the root's key.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="CryptographicException">The folder holds something else.</exception>
    public static SoftwareGpu Under(string folder, DateTimeOffset now) => new(KeyFile.OpenOrCreate(Path.Combine(folder, RootKeyFile), Curve), now, TimeSpan.FromDays(365));

    /// <summary>The only measurement, 48 bytes.</summary>
    public static ReadOnlyMemory<byte> Measurement => FirmwareMeasurement;

    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo: what a policy names.</summary>
    public byte[] SpkiSha256 => SHA256.HashData(_root.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>What it says when it is asked with a nonce of 32 bytes.</summary>
    public GpuEvidence Answer(ReadOnlySpan<byte> nonce)
    {
        byte[] record = [MeasurementIndex, 1, 51, 0, 0x80, 48, 0, .. FirmwareMeasurement];
        byte[] opaque = [20, 0, (byte)FirmwareId.Length, 0, .. FirmwareId];
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, record.Length);
        byte[] signed =
        [
            0x11, 0xE0, 0x01, 0xFF, .. nonce, 0,
            0x11, 0x60, 0, 0, 1, .. size[..3], .. record, .. RandomNumberGenerator.GetBytes(GpuReport.NonceSize), (byte)opaque.Length, 0, .. opaque,
        ];
        return new((byte[])[.. signed, .. _key.SignData(signed, HashAlgorithmName.SHA384)], [_leaf.RawDataMemory, _root.RawDataMemory]);
    }

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        _key.Dispose();
        _root.Dispose();
        _leaf.Dispose();
    }
}

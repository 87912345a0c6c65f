using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation.Nvidia;

namespace Veil.Host.Tests;

/// <summary>A GPU in software: a device chain of its own up to a root that nobody else trusts, and reports as NVIDIA's GPUs sign them.</summary>
internal sealed class SoftwareGpu : IDisposable
{
    /// <summary>The only measurement, at index 1.</summary>
    public static readonly byte[] Measurement = SoftwareMachine.Bytes(48, 0x11);

    /// <summary>When its chain ends.</summary>
    public static readonly DateTimeOffset Ends = SoftwareMachine.Now.AddHours(2);

    private static readonly byte[] FirmwareId = SoftwareMachine.Bytes(48, 0x22);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _leaf;

    public SoftwareGpu()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var root = new CertificateRequest("CN=Software GPU root", rootKey, HashAlgorithmName.SHA384);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _root = root.CreateSelfSigned(SoftwareMachine.Now.AddYears(-1), SoftwareMachine.Now.AddYears(10));
        var leaf = new CertificateRequest("CN=Software GPU", _key, HashAlgorithmName.SHA384);
        leaf.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        leaf.CertificateExtensions.Add(new X509Extension("2.23.133.5.4.1", [0x04, (byte)FirmwareId.Length, .. FirmwareId], critical: false));
        _leaf = leaf.Create(_root, SoftwareMachine.Now.AddDays(-1), Ends, [1]);
        Policy = new() { TrustedRoots = [SHA256.HashData(_root.PublicKey.ExportSubjectPublicKeyInfo())], ReferenceValues = Accepting(Measurement) };
    }

    /// <summary>What accepts it.</summary>
    public GpuPolicy Policy { get; }

    public static IReadOnlyDictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>> Accepting(byte[] measurement) =>
        new Dictionary<int, IReadOnlyCollection<ReadOnlyMemory<byte>>> { [1] = [measurement] };

    /// <summary>What it says when it is asked with a nonce.</summary>
    public GpuEvidence Answer(ReadOnlySpan<byte> nonce)
    {
        byte[] record = [1, 1, 51, 0, 0x80, 48, 0, .. Measurement];
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

    public void Dispose()
    {
        _key.Dispose();
        _root.Dispose();
        _leaf.Dispose();
    }
}

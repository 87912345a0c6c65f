using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using Veil.Transparency.Epochs;

namespace Veil.Log.Tests.Monitoring;

/// <summary>The documents of an authority in a folder, as its gateway keeps them, and heads that name them. Each can be set for the heads that are made from here on.</summary>
internal sealed class LoggedDocuments : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-log-documents-").FullName;

    public string Folder => _folder;

    public byte[] Keys { get; set; } = OhttpKeys(1);

    public byte[] Issuer { get; set; } = IssuerKeys((1, null));

    public byte[] Challenge { get; set; } = "challenge"u8.ToArray();

    public byte[] Policy { get; set; } = "policy"u8.ToArray();

    public byte[] Releases { get; set; } = [];

    public IReadOnlyList<HostRecord> Hosts { get; set; } = [Host(1), Host(2), Host(3)];

    /// <summary>What the fleets of heads are ordered by.</summary>
    public ReadOnlyMemory<byte> Root { get; set; } = FleetTree.EmptyRoot;

    /// <summary>An OHTTP keys document: the key in use and those that are announced.</summary>
    public static byte[] OhttpKeys(params byte[] numbers) => [.. numbers.SelectMany(number => (byte[])[0, 41, .. KeyConfig(number, number)])];

    /// <summary>An issuer directory; each key with its not-before.</summary>
    public static byte[] IssuerKeys(params (byte Number, DateTimeOffset? NotBefore)[] keys) => Encoding.UTF8.GetBytes(
        $$"""{"issuer-request-uri":"/r","token-keys":[{{string.Join(',', keys.Select(key => $"{{\"token-type\":2,\"token-key\":\"AAA{key.Number}\"{(key.NotBefore is { } start ? $",\"not-before\":{start.ToUnixTimeSeconds()}" : "")}}}"))}}]}""");

    /// <summary>A key configuration (RFC 9458 section 3.1) of X25519.</summary>
    public static byte[] KeyConfig(byte keyId, byte number, byte aead = 1) => [keyId, 0, 0x20, .. Filled(32, number), 0, 4, 0, 1, 0, aead];

    /// <summary>A host with everything of its own, unless it is told otherwise.</summary>
    public static HostRecord Host(byte number, byte? tls = null, byte[]? keyConfig = null, byte? guest = null, Evidence? evidence = null)
    {
        var claims = new HostClaims
        {
            Id = Filled(HostClaims.IdSize, number),
            Epoch = 1,
            NotBefore = DateTimeOffset.UnixEpoch,
            NotAfter = DateTimeOffset.UnixEpoch.AddHours(3),
            Service = "chat.example",
            TlsSpkiSha256 = Filled(HostClaims.HashSize, tls ?? number),
            KeyConfig = keyConfig ?? KeyConfig(number, number),
            AcceptsPlainRequests = true,
        };
        return new(claims.Encode(), evidence ?? Report(guest ?? number, new byte[SnpReport.MeasurementSize]), []);
    }

    /// <summary>A report of an SEV-SNP guest, which nobody signed.</summary>
    public static Evidence Report(byte guest, ReadOnlyMemory<byte> measurement)
    {
        byte[] report = new byte[SnpReport.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(report, 3);
        BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan(0x008), SnpGuestPolicy.AlwaysOne);
        BinaryPrimitives.WriteUInt32LittleEndian(report.AsSpan(0x034), 1);
        measurement.CopyTo(report.AsMemory(0x090));
        Filled(SnpReport.ReportIdSize, guest).CopyTo(report, 0x140);
        return new(SnpReport.MediaType, report);
    }

    /// <summary>A quote of a TD, which nobody signed.</summary>
    public static Evidence Quote(byte guest, ReadOnlyMemory<byte> mrtd, ReadOnlyMemory<byte> rtmr1)
    {
        byte[] report = new byte[TdReport.Size10];
        mrtd.CopyTo(report.AsMemory(136));
        rtmr1.CopyTo(report.AsMemory(376));
        Filled(TdReport.ReportDataSize, guest).CopyTo(report, 520);

        // Version 4 with a key of P-256, for TDX; then signature and key, and the enclave's report with its signature, no data of its own and an empty chain.
        byte[] header = [4, 0, 2, 0, 0x81, .. new byte[43]];
        byte[] enclave = [.. new byte[EnclaveReport.Size + 64], 0, 0, 5, 0, 0, 0, 0, 0];
        byte[] section = [.. new byte[128], 6, 0, .. Long(enclave.Length), .. enclave];
        return new(TdxQuote.MediaType, (byte[])[.. header, .. report, .. Long(section.Length), .. section]);
    }

    /// <summary>A head of the present documents, which are kept.</summary>
    public EpochHead MakeHead(long epoch)
    {
        FleetTree fleet = FleetTree.Build(Root, Hosts.Select(host => host.EncodedClaims));
        Root = fleet.Root;
        File.WriteAllBytes(FleetFile(fleet.Root), [.. Hosts.SelectMany(host => Keep(host.Encode()))]);
        return new()
        {
            Epoch = epoch,
            Keys = Keep(Keys),
            Issuer = Keep(Issuer),
            Challenge = Keep(Challenge),
            Policy = Keep(Policy),
            Releases = Keep(Releases),
            FleetTotal = Hosts.Count,
            FleetRoot = fleet.Root,
        };
    }

    public string FleetFile(ReadOnlyMemory<byte> root) => Path.Combine(_folder, $"fleet-{Convert.ToHexStringLower(root.Span)}");

    public string FileOf(byte[] document) => Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(document)));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private byte[] Keep(byte[] document)
    {
        File.WriteAllBytes(FileOf(document), document);
        return SHA256.HashData(document);
    }

    private static byte[] Long(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Filled(int size, byte value)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}

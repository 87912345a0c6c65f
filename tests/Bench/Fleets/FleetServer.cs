using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.ClientSdk;
using Veil.Common.Tests.Transparency;
using Veil.Ohttp;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Bench.Fleets;

/// <summary>
/// Relay and gateway of one authority in one listener with TLS, as far as a client's start needs them: the epoch's mirror, and the documents and hosts inside Oblivious
/// HTTP. Bodies are counted both ways.
/// </summary>
internal sealed class FleetServer : IAsyncDisposable
{
    /// <summary>Epochs of an hour, as many as a release needs to be old enough and one more.</summary>
    private const long Epoch = 30;

    /// <summary>How many epochs go by from one renewal of a host's keys to the next: six hours by default, of epochs of an hour here.</summary>
    private const int RenewalEpochs = 6;

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("veil-bench-");
    private readonly GatewayKey _key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
    private readonly GatewayKeys _keys;
    private readonly MachineFleet _machines;
    private readonly FleetTree _tree;
    private readonly TestAuthority _authority;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _documents = [];
    private readonly byte[] _mirror;
    private long _bytes;

    private FleetServer(WebApplication app, X509Certificate2 certificate, MachineFleet machines, int hosts)
    {
        (_app, _certificate, _machines) = (app, certificate, machines);
        _keys = new GatewayKeys(_key);
        var now = DateTimeOffset.UtcNow;
        _authority = new TestAuthority(now.AddMinutes(-30).AddHours(-Epoch));
        byte[] keys = KeyConfig.WriteCollection([_key.Config]);

        // The fleet stands in the last head; the one before had none, so that the order hangs from the empty root.
        EpochHead head = Head(keys);
        _authority.UpTo(Epoch - 1, epoch => head with { Epoch = epoch });
        _tree = MachineFleet.Plant(hosts, now, [.. Enumerable.Range(0, RenewalEpochs).Select(back => new Checkpoint(_authority.Bundle.Origin, Epoch - back, _authority.Root(Epoch - back)))]);
        if (hosts <= FleetTree.MaxFetchedWhole)
        {
            foreach (ReadOnlyMemory<byte> claims in _tree.Claims)
                machines.RecordOf(claims);
        }

        _authority.Append(head with { FleetTotal = _tree.Claims.Count, FleetRoot = _tree.Root });
        _mirror = _authority.Package(now, keys).Encode();
    }

    /// <summary>Bytes of bodies so far, both ways.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Starts one with a fleet of so many hosts.</summary>
    public static async Task<FleetServer> StartAsync(MachineFleet machines, int hosts)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        X509Certificate2 certificate = MakeCertificate();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate })));
        WebApplication app = builder.Build();
        var server = new FleetServer(app, certificate, machines, hosts);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        await File.WriteAllTextAsync(server.FileOf("roots.pem"), certificate.ExportCertificatePem());
        await File.WriteAllBytesAsync(server.FileOf("bundle.json"), server._authority.Bundle.Write());
        return server;
    }

    /// <summary>A client that knows the trust bundle and nothing else.</summary>
    public VeilOptions NewClient() => new()
    {
        Relay = new Uri($"https://localhost:{new Uri(_app.Urls.First()).Port}/gateway"),
        Authority = TestAuthority.Name,
        TrustedRootsFile = FileOf("roots.pem"),
        TrustBundleFile = FileOf("bundle.json"),
    };

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
        _authority.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    private string FileOf(string name) => Path.Combine(_folder.FullName, name);

    private EpochHead Head(byte[] keys)
    {
        var release = new Release("bench 1", MachineFleet.Service, "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = _machines.Measurement });
        byte[] appraisal = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["v"] = 1,
            ["service"] = MachineFleet.Service,
            ["kinds"] = new Dictionary<string, object> { ["sev-snp"] = new { trusted_roots = new[] { Convert.ToHexStringLower(_machines.RootSpkiSha256.Span) } } },
        });
        var price = new ServicePrice(0, 0, 64 << 20, 64 << 20, TimeSpan.FromMinutes(15));
        return new()
        {
            Epoch = Epoch,
            Keys = Keep(keys),
            Issuer = Keep([]),
            Challenge = Keep([]),
            Policy = Keep(new AuthorityPolicy([new ServicePolicy(MachineFleet.Service, price, appraisal)]).Write()),
            Releases = Keep(new DocumentSet([_authority.Sign(release)]).Encode()),
            FleetTotal = 0,
            FleetRoot = FleetTree.EmptyRoot,
        };
    }

    private byte[] Keep(byte[] document)
    {
        byte[] hash = SHA256.HashData(document);
        _documents[Convert.ToHexString(hash)] = document;
        return hash;
    }

    private async Task HandleAsync(HttpContext context)
    {
        byte[] answer = _mirror;
        context.Response.ContentType = EpochPackage.MediaType;
        if (context.Request.Method is "POST")
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Interlocked.Add(ref _bytes, body.Length);
            context.Response.ContentType = OhttpMediaType.Response;
            answer = Answer(body.ToArray());
        }

        Interlocked.Add(ref _bytes, answer.Length);
        await context.Response.Body.WriteAsync(answer);
    }

    private byte[] Answer(byte[] encapsulated)
    {
        byte[] plain = new byte[encapsulated.Length];
        if (!RequestOpener.TryOpen(_keys, encapsulated, plain, out int written, out ResponseSealer sealer, out _)
            || !BinaryRequest.TryParse(plain.AsMemory(0, written), null, out BinaryRequest? request, out _))
            throw new InvalidOperationException("The bench's own client sent something malformed.");

        using (sealer)
        {
            (string mediaType, byte[] document) = Find(request.Head.Path);
            var response = new BinaryResponse(new ResponseHead(200, new FieldSection().Add("content-type", mediaType)), document);
            byte[] message = new byte[Padding.SizeClass(response.Size)];
            response.TryWrite(message, out _);
            byte[] sealedAnswer = new byte[sealer.GetSize(message.Length)];
            sealer.Seal(message, sealedAnswer);
            return sealedAnswer;
        }
    }

    private (string MediaType, byte[] Document) Find(string path) => path.Split('/')[5..] switch
    {
        ["documents"] => (DocumentSet.MediaType, new DocumentSet([.. _documents.Values]).Encode()),
        ["hosts"] => (DocumentSet.MediaType, new DocumentSet([.. _tree.Claims.Select(_machines.RecordOf), .. NamedCheckpoints.SizesToProve(_tree.Claims.Select(NamedBy), Epoch + 1).Select(size => ConsistencyProof.Encode(_authority.ProveConsistency(size)))]).Encode()),
        ["hosts", { } indices] => (DocumentSet.MediaType, new DocumentSet([.. indices.Split(',').Select(index => Prove(int.Parse(index, CultureInfo.InvariantCulture)))]).Encode()),
        _ => throw new InvalidOperationException($"Nobody serves {path}."),
    };

    private static ulong NamedBy(ReadOnlyMemory<byte> claims) => HostClaims.TryParse(claims.Span, out HostClaims? parsed, out _) ? parsed.CheckpointSize : 0;

    private ReadOnlyMemory<byte> Prove(int index) =>
        new ProvenHost(_tree.Prove(index), _authority.ProveConsistency((long)NamedBy(_tree.Claims[index])), _machines.RecordOf(_tree.Claims[index])).Encode();
}

using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.Ohttp;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.DevStack.Attacks;

/// <summary>
/// A relay and an operator who lie together to one client. It holds every secret of the operator: the authority's key, the log's key, the documents; and it has the witnesses'
/// keys, as if they cosigned whatever continues what they have seen, which is all that an honest witness promises. What it shows is properly logged and cosigned.
/// </summary>
internal sealed class Adversary : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly NoteSigner _log;
    private readonly NoteSigner _authority;
    private readonly IReadOnlyList<NoteSigner> _witnesses;
    private readonly IReadOnlyList<NoteSigner> _releaseSigners;
    private readonly List<byte[]> _entries = [];
    private readonly Dictionary<string, byte[]> _documents = [];
    private readonly Dictionary<long, (FleetTree Tree, Dictionary<string, byte[]> Records)> _fleets = [];
    private readonly GatewayKeys _keys;

    private Adversary(WebApplication app, TrustBundle bundle, AdversarySecrets secrets)
    {
        _app = app;
        Bundle = bundle;
        (_log, _authority, _witnesses, _releaseSigners) = (secrets.Log, secrets.Authority, secrets.Witnesses, secrets.ReleaseSigners);
        GatewayKey key = GatewayKey.Generate(200, 0x0020, SymmetricSuite.Aes128Gcm, SymmetricSuite.ChaCha20Poly1305);
        _keys = new GatewayKeys(key);
        OwnKeys = KeyConfig.WriteCollection([key.Config]);
    }

    /// <summary>The bundle that the client has, the honest one.</summary>
    public TrustBundle Bundle { get; }

    /// <summary>An OHTTP keys document that only this client is shown.</summary>
    public byte[] OwnKeys { get; }

    /// <summary>Where the client is led.</summary>
    public Uri Relay { get; private set; } = null!;

    /// <summary>The epoch of now.</summary>
    public long Now => Bundle.Epochs.At(DateTimeOffset.UtcNow);

    /// <summary>What the client asked inside the encryption besides documents of the gateway's own: nothing, if it noticed in time.</summary>
    public List<string> Private { get; } = [];

    /// <summary>The keys document of the package.</summary>
    private byte[] Keys { get; set; } = [];

    /// <summary>Listens.</summary>
    public static async Task<Adversary> StartAsync(TrustBundle bundle, AdversarySecrets secrets, X509Certificate2 certificate, IPAddress address)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate);
        }));
        WebApplication app = builder.Build();
        var adversary = new Adversary(app, bundle, secrets);
        app.Run(adversary.HandleAsync);
        await app.StartAsync();
        adversary.Relay = new Uri(new Uri(app.Urls.Single()), "/gateway");
        return adversary;
    }

    /// <summary>Begins a history: the entries of the real log before an epoch, and the documents that they name.</summary>
    public void Begin(IEnumerable<byte[]> entries, IEnumerable<byte[]> documents)
    {
        _entries.Clear();
        _entries.AddRange(entries);
        _fleets.Clear();
        foreach (byte[] document in documents)
            Keep(document);
    }

    /// <summary>The head of an entry.</summary>
    public EpochHead Head(int index) => SignedNote.TryOpen(_entries[index], [Bundle.AuthorityKey], out SignedNote? note) && EpochHead.TryParse(note.Text.Span[..^1], out EpochHead? head)
        ? head
        : throw new DevStackException("The log's entry is no head of the authority.");

    /// <summary>Logs a head, signed by the authority, with a fleet of these records.</summary>
    public void Append(EpochHead head, IReadOnlyList<byte[]>? fleet = null)
    {
        if (fleet is not null)
        {
            Dictionary<string, byte[]> records = fleet.ToDictionary(record => HashOf(ClaimsOf(record).Span));
            ReadOnlyMemory<byte> previous = head.Epoch is 0 ? FleetTree.EmptyRoot : Head((int)head.Epoch - 1).FleetRoot;
            FleetTree tree = FleetTree.Build(previous, fleet.Select(ClaimsOf));
            _fleets[head.Epoch] = (tree, records);
            head = head with { FleetTotal = fleet.Count, FleetRoot = tree.Root };
        }

        _entries.Add(_authority.Sign([.. head.Write(), (byte)'\n']));
    }

    /// <summary>Keeps a document and gives its hash.</summary>
    public byte[] Keep(byte[] document)
    {
        _documents[HashOf(document)] = document;
        return SHA256.HashData(document);
    }

    /// <summary>A releases document with one release, properly signed.</summary>
    public byte[] SignedReleases(Release release) =>
        Keep(new DocumentSet([(ReadOnlyMemory<byte>)(byte[])[.. _releaseSigners[0].Sign(release.NoteText()), .. _releaseSigners.Skip(1).SelectMany(signer => signer.SignatureLine(release.NoteText()))]]).Encode());

    /// <summary>Shows what was logged, with these keys beside it.</summary>
    public void Show(byte[] keys) => Keys = keys;

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static ReadOnlyMemory<byte> ClaimsOf(byte[] record) => HostRecord.TryParse(record, out HostRecord? parsed, out _) ? parsed.EncodedClaims : throw new DevStackException("A record is malformed.");

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    private byte[] Package()
    {
        byte[][] leaves = [.. _entries.Select(entry => MerkleTree.LeafHash(entry))];
        long newest = leaves.Length - 1;
        long[] indices = [.. new[] { newest, Bundle.Epochs.Before(newest, Bundle.Epochs.Length), Bundle.Epochs.Before(newest, Bundle.ReleaseMaturity) }.Distinct()];
        return new EpochPackage(
            [.. indices.Select(index => new ProvenEntry(_entries[(int)index], Prove(index, leaves, DateTimeOffset.UtcNow), Prove(index, leaves[..((int)index + 1)], Bundle.Epochs.StartOf(index))))], Keys).Encode();
    }

    /// <summary>The proof of an entry in a log of these, cosigned at a time: each older head when its epoch began, as if it had been shown to everyone.</summary>
    private byte[] Prove(long index, byte[][] leaves, DateTimeOffset time)
    {
        byte[] text = new Checkpoint(Bundle.Origin, leaves.Length, MerkleTree.Root(leaves)).Write();
        byte[] checkpoint = [.. _log.Sign(text), .. _witnesses.SelectMany(witness => witness.CosignatureLine(text, time))];
        return new TlogProof(index, MerkleTree.ProveInclusion(leaves, (int)index), checkpoint).Write();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.ContentType = EpochPackage.MediaType;
            await context.Response.Body.WriteAsync(Package());
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        byte[] plain = new byte[body.Length];
        if (context.Request.ContentType is not OhttpMediaType.Request
            || !RequestOpener.TryOpen(_keys, body.ToArray(), plain, out int written, out ResponseSealer sealer, out _)
            || !BinaryRequest.TryParse(plain.AsMemory(0, written), null, out BinaryRequest? request, out _))
        {
            Private.Add("a sealed request");
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using (sealer)
        {
            (string Type, byte[] Bytes)? document = request.Head.Authority == Bundle.Authority ? Find(request.Head.Path) : null;
            if (document is null)
                Private.Add($"{request.Head.Method} {request.Head.Authority}{request.Head.Path}");
            var answer = new BinaryResponse(new ResponseHead(document is null ? 404 : 200, new FieldSection().Add("content-type", document?.Type ?? "text/plain")), document?.Bytes ?? [], null);
            byte[] message = new byte[answer.Size];
            _ = answer.TryWrite(message, out _);
            byte[] encapsulated = new byte[sealer.GetSize(message.Length)];
            sealer.Seal(message, encapsulated);
            context.Response.ContentType = OhttpMediaType.Response;
            await context.Response.Body.WriteAsync(encapsulated);
        }
    }

    private (string Type, byte[] Bytes)? Find(string path)
    {
        if (path.Split('/') is not ["", ".well-known", "veil", "epochs", { } number, .. { } what])
            return null;
        long epoch = long.Parse(number, CultureInfo.InvariantCulture);
        return what switch
        {
            ["documents"] => (DocumentSet.MediaType, new DocumentSet([.. _documents.Values.Select(document => (ReadOnlyMemory<byte>)document)]).Encode()),
            ["hosts"] when _fleets.TryGetValue(epoch, out (FleetTree Tree, Dictionary<string, byte[]> Records) fleet) =>
                (DocumentSet.MediaType, new DocumentSet([.. fleet.Tree.Claims.Select(claims => (ReadOnlyMemory<byte>)fleet.Records[HashOf(claims.Span)])]).Encode()),
            ["consistency", { } size] => (ConsistencyProof.MediaType, ConsistencyProof.Encode(
                MerkleTree.ProveConsistency([.. _entries.Select(entry => MerkleTree.LeafHash(entry))], int.Parse(size, CultureInfo.InvariantCulture)))),
            _ => null,
        };
    }
}

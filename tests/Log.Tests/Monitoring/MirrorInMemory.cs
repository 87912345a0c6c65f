using System.Net;
using Veil.Common.Tests.Transparency;
using Veil.Transparency;

namespace Veil.Log.Tests.Monitoring;

/// <summary>What a mirror of an authority's log answers, without a network.</summary>
internal sealed class MirrorInMemory(TestAuthority authority) : HttpMessageHandler
{
    /// <summary>The log that is shown.</summary>
    public TestAuthority Authority { get; set; } = authority;

    /// <summary>The checkpoint that is shown instead of the log's own.</summary>
    public byte[]? Checkpoint { get; set; }

    public static readonly Uri Address = new("https://log.example/");

    public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string path = request.RequestUri!.AbsolutePath[1..];
        byte[]? body = path is "checkpoint" ? Checkpoint ?? Authority.Checkpoint(Now)
            : Authority.Size > 0 && path == TilePath.OfEntries(0, (int)Authority.Size).ToString() ? EntryBundle.Encode([.. Enumerable.Range(0, (int)Authority.Size).Select(i => Authority.Prove(i, []).Entry)])
            : null;
        return Task.FromResult(body is null ? new HttpResponseMessage(HttpStatusCode.NotFound) : new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) });
    }
}

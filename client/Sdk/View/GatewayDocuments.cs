using Veil.Bhttp;
using Veil.Ohttp;

namespace Veil.ClientSdk;

/// <summary>The gateway's own documents, asked for through the relay inside OHTTP: the relay learns neither which, nor the gateway who.</summary>
internal sealed class GatewayDocuments(VeilOptions options, OuterHttp outer)
{
    /// <summary>Fetches one document.</summary>
    /// <param name="key">The key that the question is sealed to.</param>
    /// <param name="path">Where it is, on the gateway's own authority.</param>
    /// <param name="mediaType">What it must be.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="VeilException">No such answer in time.</exception>
    public async Task<ReadOnlyMemory<byte>> GetAsync(KeyConfig key, string path, string mediaType, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.DocumentTimeout);
        try
        {
            // Without a date: the answer is for everyone, so nothing is gained by a replay, and a wrong clock is told by the first real request.
            FieldSection headers = new FieldSection().Add("accept", mediaType);
            var request = new BinaryRequest(new RequestHead("GET", "https", options.Authority!, path, headers), default);
            BinaryResponse answer = await new PlainExchange(options, outer).SendAsync(key, request, deadline.Token).ConfigureAwait(false);
            return answer.Head.Status is 200 && answer.Head.Headers.TryGet("content-type", out string? type) && type == mediaType
                ? answer.Content
                : throw new VeilException(VeilFailure.BadView, Hop.Gateway, $"a document of the gateway's own came with status {answer.Head.Status} or as something else.");
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VeilException(VeilFailure.Unreachable, Hop.Gateway, $"no document of its own within {options.DocumentTimeout.TotalSeconds:0} s.", failure);
        }
    }
}

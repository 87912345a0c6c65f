using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.Gateway.Epochs;
using Veil.Gateway.Inner;

namespace Veil.Gateway.View;

/// <summary>This gateway's own documents, for its own authority inside OHTTP: free of tokens, the same for everyone.</summary>
internal sealed class OwnDocuments(IOptions<GatewayOptions> options, ViewPublisher view, EpochDocuments epochs) : IInnerDestination
{
    /// <summary>Where the signed view is.</summary>
    public const string ViewPath = "/.well-known/veil/view";

    public string Authority => options.Value.Authority;

    public bool NeedsDate => false;

    public async ValueTask<Refusal> AnswerAsync(InnerRequest request, InnerAnswer answer, CancellationToken cancellationToken)
    {
        if (request.Head.Path is not ViewPath && !EpochDocuments.IsUnder(request.Head.Path))
            return Refusal.NotFound;
        if (request.Head.Method is not "GET")
            return Refusal.MethodNotAllowed;
        if (Find(request.Head.Path) is not var (mediaType, bytes))
            return Refusal.NotFound;

        FieldSection fields = new FieldSection().Add("content-type", mediaType).Add("cache-control", "no-store");
        await answer.AnswerAsync(new ResponseHead(StatusCodes.Status200OK, fields), bytes, cancellationToken);
        return Refusal.None;
    }

    private (string MediaType, ReadOnlyMemory<byte> Bytes)? Find(string path) =>
        path is not ViewPath ? epochs.Find(path)
        : view.Current() is { } signed ? (SignedView.MediaType, signed)
        : null;
}

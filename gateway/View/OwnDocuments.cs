using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.Gateway.Inner;

namespace Veil.Gateway.View;

/// <summary>This gateway's own documents, for its own authority inside OHTTP: free of tokens, the same for everyone.</summary>
internal sealed class OwnDocuments(IOptions<GatewayOptions> options, ViewPublisher view) : IInnerDestination
{
    /// <summary>Where the signed view is.</summary>
    public const string ViewPath = "/.well-known/veil/view";

    public string Authority => options.Value.Authority;

    public bool NeedsDate => false;

    public async ValueTask<Refusal> AnswerAsync(InnerRequest request, InnerAnswer answer, CancellationToken cancellationToken)
    {
        if (request.Head.Path is not ViewPath)
            return Refusal.NotFound;
        if (request.Head.Method is not "GET")
            return Refusal.MethodNotAllowed;
        if (view.Current() is not { } signed)
            return Refusal.NotFound;

        FieldSection fields = new FieldSection().Add("content-type", SignedView.MediaType).Add("cache-control", "no-store");
        await answer.AnswerAsync(new ResponseHead(StatusCodes.Status200OK, fields), signed, cancellationToken);
        return Refusal.None;
    }
}

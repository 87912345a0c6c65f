using Veil.Bhttp;
using Veil.Gateway;
using Veil.Gateway.Inner;

namespace Veil.Bench.Gateways;

/// <summary>Answers with what it got.</summary>
internal sealed class EchoDestination : IInnerDestination
{
    public const string Name = "echo.example";

    public string Authority => Name;

    public bool NeedsDate => true;

    public async ValueTask<Refusal> AnswerAsync(InnerRequest request, InnerAnswer answer, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> content = await request.Content.ReadAsync(cancellationToken);
        await answer.AnswerAsync(new ResponseHead(200, new FieldSection().Add("content-type", "application/octet-stream")), content, cancellationToken);
        return Refusal.None;
    }
}

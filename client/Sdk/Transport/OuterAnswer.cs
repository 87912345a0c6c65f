using System.Net;
using System.Text.Json;

namespace Veil.ClientSdk;

/// <summary>
/// Judges what stands outside the encryption. Relay and network can forge all of it, so it is either the one expected form or a failure; nothing of
/// its text reaches the caller.
/// </summary>
internal static class OuterAnswer
{
    public const string ProblemMediaType = "application/problem+json";

    private const string KeyProblem = "https://iana.org/assignments/http-problem-types#ohttp-key";
    private const int MaxProblem = 16 << 10;

    /// <summary>Passes a 200 of this media type.</summary>
    /// <exception cref="VeilException">The answer is another.</exception>
    public static void Require(HttpResponseMessage answer, string mediaType, Hop hop)
    {
        if (answer.StatusCode is not HttpStatusCode.OK)
        {
            throw Refusal(answer.StatusCode, hop);
        }

        RequireMediaType(answer, mediaType, hop);
    }

    /// <summary>Passes an answer of this media type, whatever its status.</summary>
    /// <exception cref="VeilException">The answer is of another.</exception>
    public static void RequireMediaType(HttpResponseMessage answer, string mediaType, Hop hop)
    {
        if (!string.Equals(answer.Content.Headers.ContentType?.MediaType, mediaType, StringComparison.OrdinalIgnoreCase))
        {
            throw new VeilException(VeilFailure.UnexpectedAnswer, hop, $"the answer is not {mediaType}.");
        }
    }

    /// <summary>The same for an encapsulated answer, with a look at the one problem that a client acts on.</summary>
    public static async Task RequireEncapsulatedAsync(HttpResponseMessage answer, string mediaType, CancellationToken cancellationToken)
    {
        if (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity
            && await PeekProblemTypeAsync(answer, Hop.Relay, cancellationToken).ConfigureAwait(false) is KeyProblem)
        {
            throw new VeilException(VeilFailure.KeyRejected, Hop.Gateway, "the request was answered with a key problem: the gateway has other keys now, or the relay says so.");
        }

        Require(answer, mediaType, Hop.Relay);
    }

    /// <summary>The whole body, at most <paramref name="limit"/> bytes.</summary>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage answer, Hop hop, int limit, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentLength > limit)
        {
            throw TooLarge(hop, limit);
        }

        try
        {
            using Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            using var whole = new MemoryStream((int)(answer.Content.Headers.ContentLength ?? 4096));
            var piece = new byte[16 << 10];
            while (await body.ReadAsync(piece, cancellationToken).ConfigureAwait(false) is > 0 and int count)
            {
                if (whole.Length + count > limit)
                {
                    throw TooLarge(hop, limit);
                }

                whole.Write(piece, 0, count);
            }

            return whole.ToArray();
        }
        catch (IOException failure)
        {
            throw new VeilException(VeilFailure.Unreachable, hop, "the connection broke within the answer.", failure);
        }
    }

    /// <summary>The type of a problem document; null when the bytes are none.</summary>
    public static string? ProblemType(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind is JsonValueKind.Object
                && document.RootElement.TryGetProperty("type", out JsonElement type) && type.ValueKind is JsonValueKind.String ? type.GetString() : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The type of the problem that an answer is; null when it is none, or too long to be one.</summary>
    public static async Task<string?> PeekProblemTypeAsync(HttpResponseMessage answer, Hop hop, CancellationToken cancellationToken)
    {
        try
        {
            return answer.Content.Headers.ContentType?.MediaType is ProblemMediaType
                ? ProblemType(await ReadAsync(answer, hop, MaxProblem, cancellationToken).ConfigureAwait(false))
                : null;
        }
        catch (VeilException)
        {
            return null;
        }
    }

    private static VeilException Refusal(HttpStatusCode status, Hop hop) => status switch
    {
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => new(VeilFailure.Busy, hop, $"refused for now with status {(int)status}; try again later."),
        HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout when hop is Hop.Relay =>
            new(VeilFailure.Unreachable, Hop.Gateway, $"the relay could not reach the gateway (status {(int)status})."),
        _ => new(VeilFailure.UnexpectedAnswer, hop, $"answered with status {(int)status}."),
    };

    private static VeilException TooLarge(Hop hop, int limit) => new(VeilFailure.AnswerTooLarge, hop, $"the answer is larger than {limit} bytes.");
}

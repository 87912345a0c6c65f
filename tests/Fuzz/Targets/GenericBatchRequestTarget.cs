using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>Generic batch requests: their entries are whole TokenRequests, and nothing else is in them.</summary>
public static class GenericBatchRequestTarget
{
    private const int MaxTokens = 8;

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!GenericBatchRequest.TryParse(input.ToArray(), MaxTokens, out GenericBatchRequest? request, out _))
            return;
        if (request.TokenRequests.Count is < 1 or > MaxTokens)
            throw new InvalidOperationException("A batch has more entries than its reader takes.");

        int size = 0;
        foreach (ReadOnlyMemory<byte> entry in request.TokenRequests)
        {
            size += entry.Length;
            if (!TokenRequest.TryParse(entry.Span, out _, out PrivacyPassError error) && error is not PrivacyPassError.UnavailableTokenType)
                throw new InvalidOperationException("An entry of a batch is no TokenRequest.");
        }

        if (!input[^size..].SequenceEqual(request.TokenRequests.SelectMany(entry => entry.ToArray()).ToArray()))
            throw new InvalidOperationException("A batch lost bytes.");
    }
}

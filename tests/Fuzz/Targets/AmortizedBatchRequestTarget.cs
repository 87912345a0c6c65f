using Veil.PrivacyPass;

namespace Veil.Fuzz.Targets;

/// <summary>Amortized batch requests: what parses has the size that it should, and an issuer answers or refuses it.</summary>
public static class AmortizedBatchRequestTarget
{
    private const int MaxTokens = 8;

    /// <summary>Keys of fixed seeds, so that the corpus can name them.</summary>
    private static readonly TokenIssuerKey[] Keys =
        [.. TokenType.All.Where(type => type.IsAmortizable).Select(type => TokenIssuerKey.Import(type.Id, new byte[type.GeneratePrivateKey().Length]))];

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!AmortizedBatchRequest.TryParse(input.ToArray(), MaxTokens, out AmortizedBatchRequest? request, out _))
            return;
        if (request.Count is < 1 or > MaxTokens || AmortizedBatchRequest.Size(request.Type, request.Count) != input.Length)
            throw new InvalidOperationException("A batch has another size than its tokens.");

        foreach (TokenIssuerKey key in Keys)
        {
            if (key.TryIssue(request, out byte[]? response, out PrivacyPassError error) != error is PrivacyPassError.None || response is null != error is not PrivacyPassError.None)
                throw new InvalidOperationException("An answer and a reason exclude each other.");
        }
    }
}

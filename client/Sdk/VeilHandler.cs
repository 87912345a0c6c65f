namespace Veil.ClientSdk;

/// <summary>
/// Sends what HttpClient gives it privately: <c>new HttpClient(new VeilHandler(options))</c>, then ordinary requests to
/// https://service/….
/// </summary>
public sealed class VeilHandler : HttpMessageHandler
{
    /// <summary>Takes options that have no problem.</summary>
    /// <exception cref="ArgumentException">The options have problems; the message lists all of them.</exception>
    public VeilHandler(VeilOptions options)
    {
        if (VeilOptionsValidator.Problems(options) is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}

using System.Net;
using Microsoft.IdentityModel.Protocols;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Fetches a provider's documents: https only, without redirects, of bounded size and time.</summary>
internal sealed class BoundedDocuments(OpenIdConnectOptions options, TimeProvider clock) : IDocumentRetriever, IDisposable
{
    private readonly HttpMessageInvoker _http = new(OutboundHandler.Create(options.Tls.ToAuthenticationOptions(), options.LocalAddress));

    /// <exception cref="IOException">It was not there in time, or is not what was asked for.</exception>
    /// <exception cref="HttpRequestException">The provider cannot be reached.</exception>
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttps)
            throw new IOException("an address that is not https");

        using var timeout = new CancellationTokenSource(options.Timeout, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Headers.Accept.Add(new("application/json"));
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, deadline.Token).ConfigureAwait(false);
            if (answer.StatusCode is not HttpStatusCode.OK)
                throw new IOException($"status {(int)answer.StatusCode}");

            await answer.Content.LoadIntoBufferAsync(options.MaxDocumentBytes, deadline.Token).ConfigureAwait(false);
            return await answer.Content.ReadAsStringAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
        {
            throw new IOException($"no document within {options.Timeout}", e);
        }
    }

    public void Dispose() => _http.Dispose();
}

using System.Net;
using System.Net.Http.Headers;
using Veil.PrivacyPass;

namespace Veil.ClientSdk;

/// <summary>Draws tokens at the issuer: many single requests over one HTTP/2 connection, each with a nonce and blind of its own.</summary>
internal sealed class TokenDrawer(VeilOptions options, OuterHttp outer, TimeProvider time)
{
    /// <summary>Requests at a time, and tokens between two writes of the wallet: a crash costs at most so many.</summary>
    private const int GroupSize = 25;

    private const int MaxDirectory = IssuerDirectory.MaxSize;
    private const int MaxTokenResponse = 4096;

    /// <summary>Where tokens are drawn, when the issuer's directory agrees with the gateway's copy.</summary>
    /// <exception cref="VeilException">The issuer does not answer, or shows other keys than the gateway.</exception>
    public async Task<Uri> AgreeAsync(TrustedView view, CancellationToken cancellationToken)
    {
        var directoryUri = new Uri(options.Issuer!, IssuerDirectory.WellKnownPath);
        byte[] served = await outer.GetAsync(
            directoryUri, PrivacyPassMediaTypes.IssuerDirectory, Hop.Issuer, MaxDirectory, options.DocumentTimeout, cancellationToken).ConfigureAwait(false);
        return view.TryAgreeWithIssuer(served, options.Issuer!, time.GetUtcNow(), out Uri? requestUri, out VeilFailure failure)
            ? requestUri
            : throw new VeilException(failure, Hop.Issuer, "the issuer's directory and the gateway's copy of it differ; no token was drawn.");
    }

    /// <summary>Draws up to <paramref name="count"/> tokens into the wallet and returns how many there were.</summary>
    /// <exception cref="VeilException">The issuer shows other keys than the gateway, or gave not one token.</exception>
    public async Task<int> DrawAsync(TrustedView view, int count, TokenWallet wallet, CancellationToken cancellationToken)
    {
        Uri requestUri = await AgreeAsync(view, cancellationToken).ConfigureAwait(false);
        if (!view.TryFindTokenKey(time.GetUtcNow(), out TokenChallenge? challenge, out TokenPublicKey? key))
        {
            throw new VeilException(VeilFailure.DirectoryMismatch, Hop.Issuer, "the directory has no key that is usable now.");
        }

        string? account = await ReadAccountAsync(cancellationToken).ConfigureAwait(false);
        TokenKind kind = TokenKind.Of(challenge.Encoded, key.KeyId);
        int drawn = 0;
        while (drawn < count)
        {
            var drawing = Enumerable.Range(0, Math.Min(GroupSize, count - drawn))
                .Select(_ => DrawOneAsync(key, challenge, requestUri, account, cancellationToken)).ToArray();
            await Task.WhenAll(drawing).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            WalletToken[] tokens = [.. drawing.Where(one => one.IsCompletedSuccessfully).Select(one => new WalletToken(kind, one.Result))];
            await wallet.AddAsync(tokens, CancellationToken.None).ConfigureAwait(false);
            drawn += tokens.Length;
            if (Array.Find(drawing, one => !one.IsCompletedSuccessfully) is { } failed)
            {
                return drawn > 0 ? drawn : throw failed.Exception?.InnerException ?? new OperationCanceledException(cancellationToken);
            }
        }

        return drawn;
    }

    private async Task<string?> ReadAccountAsync(CancellationToken cancellationToken) => options.ApiKeyFile is { } file
        ? (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim()
        : options.ApiKey;

    private async Task<byte[]> DrawOneAsync(TokenPublicKey key, TokenChallenge challenge, Uri requestUri, string? account, CancellationToken cancellationToken)
    {
        if (!PendingToken.TryCreate(key, challenge, out PendingToken? pending, out PrivacyPassError error))
        {
            throw new VeilException(VeilFailure.BadChallenge, Hop.Issuer, $"no token can be drawn for this challenge under this key ({error}).");
        }

        using (pending)
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        using (var request = new HttpRequestMessage(HttpMethod.Post, requestUri) { Content = new ReadOnlyMemoryContent(pending.TokenRequest) })
        {
            deadline.CancelAfter(options.DocumentTimeout);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(PrivacyPassMediaTypes.TokenRequest);
            request.Headers.TryAddWithoutValidation("Accept", PrivacyPassMediaTypes.TokenResponse);
            if (account is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {account}");
            }

            try
            {
                using HttpResponseMessage answer = await outer.SendAsync(request, Hop.Issuer, deadline.Token).ConfigureAwait(false);
                RequireIssued(answer);
                byte[] response = await OuterAnswer.ReadAsync(answer, Hop.Issuer, MaxTokenResponse, deadline.Token).ConfigureAwait(false);
                return pending.TryFinalize(response, out Token? token, out _)
                    ? token.Encoded.ToArray()
                    : throw new VeilException(VeilFailure.BadIssuance, Hop.Issuer, "a token does not verify under the issuer's key.");
            }
            catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
            {
                throw new VeilException(VeilFailure.Unreachable, Hop.Issuer, $"no token within {options.DocumentTimeout.TotalSeconds:0} s.", failure);
            }
        }
    }

    private static void RequireIssued(HttpResponseMessage answer)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new VeilException(VeilFailure.AccountRefused, Hop.Issuer, "the account's key is not accepted; see ApiKey and ApiKeyFile.");
            case HttpStatusCode.TooManyRequests:
                throw new VeilException(VeilFailure.QuotaExhausted, Hop.Issuer, "the account has drawn all its tokens for this key, or too many at a time.");
            case HttpStatusCode.UnprocessableEntity:
                throw new VeilException(VeilFailure.BadIssuance, Hop.Issuer, "the issuer does not take the request under this key.");
            default:
                OuterAnswer.Require(answer, PrivacyPassMediaTypes.TokenResponse, Hop.Issuer);
                break;
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using Veil.PrivacyPass;

namespace Veil.ClientSdk;

/// <summary>
/// Draws tokens at the issuer in batches, each token with a nonce and blind of its own: under one proof where the type can, else a generic batch. There is no
/// falling back to another form or type.
/// </summary>
internal sealed class TokenDrawer(VeilOptions options, OuterHttp outer, TimeProvider time)
{
    private const int MaxDirectory = IssuerDirectory.MaxSize;

    /// <summary>Why an issuer gives not one token of a generic batch, when it is the quota: the draft wants status 400 for it.</summary>
    private const string QuotaForBatch = "urn:veil:problem:quota-for-batch";

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
        if (view.TypeInForce(time.GetUtcNow()) is { Missing: { } missing } type)
        {
            throw new VeilException(VeilFailure.TokenTypeUnavailable, Hop.Client, $"tokens are of type {type}: {missing}");
        }

        Uri requestUri = await AgreeAsync(view, cancellationToken).ConfigureAwait(false);
        if (!view.TryFindTokenKey(time.GetUtcNow(), out TokenChallenge? challenge, out TokenPublicKey? key))
        {
            throw new VeilException(VeilFailure.DirectoryMismatch, Hop.Issuer, "the directory has no key that is usable now.");
        }

        string? account = await ReadAccountAsync(cancellationToken).ConfigureAwait(false);
        TokenKind kind = TokenKind.Of(challenge.Encoded, key.KeyId);
        int drawn = 0;
        int most = options.TokenBatch;
        while (drawn < count)
        {
            int asked = Math.Min(most, count - drawn);
            IReadOnlyList<Token> tokens;
            try
            {
                tokens = await DrawBatchAsync(key, challenge, asked, requestUri, account, cancellationToken).ConfigureAwait(false);
            }
            catch (VeilException failure) when (failure.Failure is VeilFailure.QuotaExhausted && asked > 1 && key.Type.IsAmortizable)
            {
                // A batch under one proof is given whole or not at all: what is left of a quota comes in smaller ones.
                most = asked / 2;
                continue;
            }
            catch (Exception failure) when (drawn > 0 && failure is VeilException or OperationCanceledException)
            {
                // What came before is in the wallet; the next fill meets whatever is wrong.
                return drawn;
            }

            await wallet.AddAsync([.. tokens.Select(token => new WalletToken(kind, token.Encoded.ToArray()))], CancellationToken.None).ConfigureAwait(false);
            drawn += tokens.Count;
            if (tokens.Count < asked)
            {
                return drawn;
            }
        }

        return drawn;
    }

    private async Task<string?> ReadAccountAsync(CancellationToken cancellationToken) => options.ApiKeyFile is { } file
        ? (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim()
        : options.ApiKey;

    /// <summary>One batch: some tokens at least, and each of them verified.</summary>
    private async Task<IReadOnlyList<Token>> DrawBatchAsync(
        TokenPublicKey key, TokenChallenge challenge, int count, Uri requestUri, string? account, CancellationToken cancellationToken)
    {
        // Blinding and verifying a batch takes up to a second of a processor.
        using PendingBatch pending = await Task.Run(() => Blind(key, challenge, count), cancellationToken).ConfigureAwait(false);
        byte[] response = await SendAsync(pending, requestUri, account, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<Token>? tokens, PrivacyPassError error) = await Task.Run(
            () => pending.TryFinalize(response, out IReadOnlyList<Token>? finished, out PrivacyPassError flaw) ? (finished, flaw) : (null, flaw), cancellationToken).ConfigureAwait(false);
        return tokens switch
        {
            null => throw new VeilException(VeilFailure.BadIssuance, Hop.Issuer, $"the tokens do not verify under the issuer's key ({error})."),
            [] => throw new VeilException(VeilFailure.BadIssuance, Hop.Issuer, "the issuer gave not one of the tokens that were asked for."),
            _ => tokens,
        };
    }

    private static PendingBatch Blind(TokenPublicKey key, TokenChallenge challenge, int count) =>
        PendingBatch.TryCreate(key, challenge, count, out PendingBatch? pending, out PrivacyPassError error)
            ? pending
            : throw new VeilException(VeilFailure.BadChallenge, Hop.Issuer, $"no token can be drawn for this challenge under this key ({error}).");

    private async Task<byte[]> SendAsync(PendingBatch pending, Uri requestUri, string? account, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, requestUri) { Content = new ReadOnlyMemoryContent(pending.Request) };
        deadline.CancelAfter(options.DocumentTimeout);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(pending.RequestMediaType);
        request.Headers.TryAddWithoutValidation("Accept", pending.ResponseMediaType);
        if (account is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {account}");
        }

        try
        {
            using HttpResponseMessage answer = await outer.SendAsync(request, Hop.Issuer, deadline.Token).ConfigureAwait(false);
            if (answer.StatusCode is HttpStatusCode.BadRequest && await OuterAnswer.PeekProblemTypeAsync(answer, Hop.Issuer, deadline.Token).ConfigureAwait(false) is QuotaForBatch)
            {
                throw QuotaExhausted();
            }

            RequireIssued(answer, pending.ResponseMediaType);
            return await OuterAnswer.ReadAsync(answer, Hop.Issuer, pending.MaxResponseSize, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VeilException(VeilFailure.Unreachable, Hop.Issuer, $"no tokens within {options.DocumentTimeout.TotalSeconds:0} s.", failure);
        }
    }

    private static VeilException QuotaExhausted() =>
        new(VeilFailure.QuotaExhausted, Hop.Issuer, "the account has drawn all its tokens for this key, or too many at a time.");

    private static void RequireIssued(HttpResponseMessage answer, string mediaType)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new VeilException(VeilFailure.AccountRefused, Hop.Issuer, "the account's key is not accepted; see ApiKey and ApiKeyFile.");
            case HttpStatusCode.TooManyRequests:
                throw QuotaExhausted();
            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity:
                throw new VeilException(VeilFailure.BadIssuance, Hop.Issuer, "the issuer does not take the request under this key.");
            case HttpStatusCode.RequestEntityTooLarge:
                throw new VeilException(VeilFailure.BadIssuance, Hop.Issuer, "the issuer takes smaller batches only; see TokenBatch.");
            case HttpStatusCode.UnsupportedMediaType:
                throw new VeilException(VeilFailure.BadIssuance, Hop.Issuer, "the issuer takes no batches of this kind.");
            case HttpStatusCode.PartialContent:
                OuterAnswer.RequireMediaType(answer, mediaType, Hop.Issuer);
                break;
            default:
                OuterAnswer.Require(answer, mediaType, Hop.Issuer);
                break;
        }
    }
}

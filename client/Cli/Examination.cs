using System.Net;
using System.Runtime.CompilerServices;
using Veil.ClientSdk;

namespace Veil.ClientCli;

/// <summary>The steps of <c>veil doctor</c> in the order of the way; it stops at the first that fails, since nothing behind it can be judged.</summary>
internal static class Examination
{
    private static readonly string[] ViewSteps = ["relay", "mirror", "gateway", "agreement"];

    public static async IAsyncEnumerable<Finding> RunAsync(
        VeilHandler handler, string? service, string path, bool spend, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new("settings", true, "all values can be used");

        (TrustedView? view, VeilException? failure) = await TryAsync(
            CommandRunner.WaitAsync(handler.GetViewAsync(cancellationToken), "relay and gateway")).ConfigureAwait(false);
        foreach (Finding finding in ViewFindings(view, failure))
        {
            yield return finding;
        }

        if (view is null)
        {
            yield break;
        }

        if (handler.Tokens is { } tokens)
        {
            Finding issuer = await CheckIssuerAsync(tokens, cancellationToken).ConfigureAwait(false);
            yield return issuer;
            Finding wallet = await CheckWalletAsync(tokens, cancellationToken).ConfigureAwait(false);
            yield return wallet;
            if (!wallet.Passed)
            {
                yield break;
            }
        }

        if (spend && (service ?? view.Services.FirstOrDefault()) is { } authority)
        {
            yield return await AskAsync(handler, view, new Uri($"https://{authority}{path}"), patience, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The first step that a failure to make the view belongs to; the steps before it passed.</summary>
    internal static IEnumerable<Finding> ViewFindings(TrustedView? view, VeilException? failure)
    {
        int failed = failure is null ? ViewSteps.Length : Array.IndexOf(ViewSteps, FailedStep(failure));
        string[] found =
        [
            "answers, with a certificate that is trusted",
            "key configurations parse",
            "opened a request and gave its own documents",
            view is null ? "" : $"{Agreed(view)}; {string.Join(", ", view.Services.Select(name => $"{name} ({view.HostCount(name)} hosts)"))}",
        ];
        for (int i = 0; i < failed; i++)
        {
            yield return new(ViewSteps[i], true, found[i]);
        }

        if (failure is not null)
        {
            yield return new(ViewSteps[failed], false, failure.Message, Remedy(failure));
        }
    }

    private static string Agreed(TrustedView view) => view.Standing is { } standing
        ? $"epoch {standing.Epoch} is the one that {string.Join(" and ", standing.Witnesses)} vouch for, in a log of {standing.LogSize}; {standing.HostsVerified} of {standing.FleetTotal} hosts appraised here, running {string.Join(", ", standing.Releases)}"
        : "mirror and own copy agree";

    private static string FailedStep(VeilException failure) => (failure.Failure, failure.Hop) switch
    {
        (VeilFailure.ViewMismatch or VeilFailure.BadChallenge or VeilFailure.HostRefused or VeilFailure.SplitView, _) => "agreement",
        (VeilFailure.EpochRefused, Hop.Gateway) => "agreement",
        (VeilFailure.BadKeyConfiguration or VeilFailure.EpochRefused, _) => "mirror",
        (_, Hop.Gateway) => "gateway",
        _ => "relay",
    };

    private static string Remedy(VeilException failure) => (failure.Failure, failure.Hop) switch
    {
        (VeilFailure.ViewMismatch, _) => "do not use this relay until you know why: a key rotation does not explain it.",
        (VeilFailure.EpochRefused or VeilFailure.SplitView, _) => "set this machine's clock; if it is right, do not use this authority until you know why, and keep what was shown: it is evidence.",
        (VeilFailure.HostRefused, _) => "do not use this service until its operator says why; \"veil evidence explain\" tells more of a record.",
        (VeilFailure.SeenLogUnavailable, _) => "check that SeenLogFile can be read and written; deleting it forgets what was seen of the log.",
        (VeilFailure.StaleView, _) => "set this machine's clock; if it is right, the relay or the gateway replays an old copy.",
        (VeilFailure.BadChallenge, _) => "compare Issuer and Authority with what the gateway's operator published.",
        (VeilFailure.Unreachable, Hop.Relay) => "check Relay, the network, and TrustedRootsFile if the relay's certificate is not from a public authority.",
        (VeilFailure.Unreachable, Hop.Gateway) => "the relay works; tell the gateway's operator.",
        (VeilFailure.UnexpectedAnswer, Hop.Relay) => "check the path of Relay: it names the gateway's resource at that relay.",
        (VeilFailure.BadView, _) => "check Authority: it is the name on the gateway's certificate; and TrustedRootsFile.",
        (VeilFailure.Unreachable, Hop.Issuer) => "check Issuer and the network; tokens in the wallet can still be spent.",
        (VeilFailure.DirectoryMismatch, _) => "a key rotation of this minute explains it; if it stays, do not draw tokens.",
        (VeilFailure.AccountRefused, _) => "check ApiKey or ApiKeyFile.",
        (VeilFailure.QuotaExhausted, _) => "wait for the issuer's next key, or ask for a larger quota.",
        (VeilFailure.TokenTypeUnavailable, _) => "install it; until then only tokens that are in the wallet can be spent.",
        (VeilFailure.NoToken, _) => "set Issuer and ApiKeyFile, then run \"veil tokens fill\".",
        (VeilFailure.WalletUnavailable, _) => "check that WalletFile can be written and is not held by another program.",
        (VeilFailure.Busy, _) => "try again later.",
        _ => "try again; if it stays, tell the operator of that hop.",
    };

    private static async Task<Finding> CheckIssuerAsync(TokenSupply tokens, CancellationToken cancellationToken)
    {
        (_, VeilException? failure) = await TryAsync(CommandRunner.WaitAsync(CheckAsync(), "the issuer")).ConfigureAwait(false);
        return failure is null ? new("issuer", true, "its directory agrees with the gateway's copy") : new("issuer", false, failure.Message, Remedy(failure));

        async Task<bool> CheckAsync()
        {
            await tokens.CheckIssuerAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    private static async Task<Finding> CheckWalletAsync(TokenSupply tokens, CancellationToken cancellationToken)
    {
        (IReadOnlyList<TokenStock>? stock, VeilException? failure) = await TryAsync(tokens.ListAsync(cancellationToken)).ConfigureAwait(false);
        return failure is not null ? new("wallet", false, failure.Message, Remedy(failure))
            : new("wallet", true, stock is { Count: > 0 } ? $"tokens: {string.Join(", ", stock)}" : "no service asks for tokens");
    }

    /// <summary>
    /// One whole answer. Everything before the host has passed, so silence and an answer that breaks off are the host's, as far as can be told from here.
    /// </summary>
    private static async Task<Finding> AskAsync(VeilHandler handler, TrustedView view, Uri address, TimeSpan patience, CancellationToken cancellationToken)
    {
        string remedy = $"the gateway lists {view.HostCount(address.Authority)} hosts; tell its operator.";
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            HttpStatusCode status = await CommandRunner.WaitAsync(ReadAnswerAsync(handler, address, deadline.Token), address.Authority).ConfigureAwait(false);
            return status switch
            {
                HttpStatusCode.Unauthorized => new("token", false, "the gateway did not take the token", "its key may have retired: run \"veil tokens fill\" and try again."),
                HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                    new("host", false, $"no host of {address.Authority} answered (status {(int)status})", remedy),
                _ => new("host", true, $"{address.Authority} answered with status {(int)status}"),
            };
        }
        catch (VeilException failure)
        {
            return new(StepOf(failure.Hop), false, failure.Message, Remedy(failure));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new("host", false, $"the answer of {address.Authority} broke off", remedy);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new("host", false, $"no whole answer of {address.Authority} within {patience.TotalSeconds:0} s", remedy);
        }
    }

    private static async Task<HttpStatusCode> ReadAnswerAsync(VeilHandler handler, Uri address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        using HttpResponseMessage response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        await response.Content.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        return response.StatusCode;
    }

    private static string StepOf(Hop hop) => hop switch
    {
        Hop.Client => "client",
        Hop.Relay => "relay",
        Hop.Issuer => "issuer",
        Hop.Host => "host",
        _ => "gateway",
    };

    private static async Task<(T? Result, VeilException? Failure)> TryAsync<T>(Task<T> work)
    {
        try
        {
            return (await work.ConfigureAwait(false), null);
        }
        catch (VeilException failure)
        {
            return (default, failure);
        }
    }
}

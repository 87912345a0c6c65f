namespace Veil.ClientSdk;

/// <summary>
/// A private request failed: what, and at which hop. The message never holds an address, a token, a header value or content.
/// It is an <see cref="HttpRequestException"/>, so code written for HttpClient handles it unchanged.
/// </summary>
public sealed class VeilException : HttpRequestException
{
    /// <summary>Names the failure; <paramref name="detail"/> says in words what was found and what to do.</summary>
    public VeilException(VeilFailure failure, Hop hop, string detail, Exception? inner = null)
        : base($"{hop}: {detail}", inner)
    {
        Failure = failure;
        Hop = hop;
    }

    /// <summary>What went wrong.</summary>
    public VeilFailure Failure { get; }

    /// <summary>Where it went wrong.</summary>
    public Hop Hop { get; }
}

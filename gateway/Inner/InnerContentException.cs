namespace Veil.Gateway.Inner;

/// <summary>Tells the reader of a request's content, which sits inside an HTTP client, why there is no more of it.</summary>
internal sealed class InnerContentException(Refusal refusal) : IOException(refusal.ToString())
{
    /// <summary>Why.</summary>
    public Refusal Refusal => refusal;
}

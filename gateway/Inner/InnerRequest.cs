using Veil.Bhttp;

namespace Veil.Gateway.Inner;

/// <summary>A request that came out of an encapsulation, fresh and not seen before.</summary>
/// <param name="head">Control data and header section.</param>
/// <param name="content">Its content, possibly still on the way.</param>
internal sealed class InnerRequest(RequestHead head, InnerContent content)
{
    /// <summary>Control data and header section.</summary>
    public RequestHead Head => head;

    /// <summary>Its content.</summary>
    public InnerContent Content => content;
}

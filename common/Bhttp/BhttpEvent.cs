namespace Veil.Bhttp;

/// <summary>What a decoder found at the place that it has read up to.</summary>
public enum BhttpEvent
{
    /// <summary>All input is consumed and the message goes on: call again with what follows.</summary>
    NeedMoreInput,

    /// <summary>An informational response is complete (responses only).</summary>
    Informational,

    /// <summary>Control data and header section are complete.</summary>
    Head,

    /// <summary>A piece of content, never empty; pieces have no meaning of their own.</summary>
    Content,

    /// <summary>The trailer section is complete; raised only when it has fields.</summary>
    Trailers,

    /// <summary>The message is complete and all padding was zero. Raised only at the end of input.</summary>
    End,

    /// <summary>The message is refused; the decoder's error says why. What was delivered before must not be taken for whole.</summary>
    Failed,
}

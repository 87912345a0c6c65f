namespace Veil.Ohttp;

/// <summary>The media types of RFC 9458 section 9 and draft-ietf-ohai-chunked-ohttp section 8.</summary>
public static class OhttpMediaType
{
    /// <summary>A collection of key configurations.</summary>
    public const string Keys = "application/ohttp-keys";

    /// <summary>An encapsulated request.</summary>
    public const string Request = "message/ohttp-req";

    /// <summary>An encapsulated response.</summary>
    public const string Response = "message/ohttp-res";

    /// <summary>A chunked encapsulated request.</summary>
    public const string ChunkedRequest = "message/ohttp-chunked-req";

    /// <summary>A chunked encapsulated response.</summary>
    public const string ChunkedResponse = "message/ohttp-chunked-res";
}

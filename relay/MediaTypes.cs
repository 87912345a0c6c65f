namespace Veil.Relay;

/// <summary>The media types that a relay carries (RFC 9458, chunked OHTTP, our epoch package). What they hold it cannot read.</summary>
internal static class MediaTypes
{
    public const string Keys = "application/ohttp-keys";
    public const string Epoch = "application/vnd.veil.epoch";
    public const string Request = "message/ohttp-req";
    public const string Response = "message/ohttp-res";
    public const string ChunkedRequest = "message/ohttp-chunked-req";
    public const string ChunkedResponse = "message/ohttp-chunked-res";
}

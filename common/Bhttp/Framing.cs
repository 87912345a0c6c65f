namespace Veil.Bhttp;

/// <summary>The framing indicator, first field of every message (RFC 9292 section 3.3).</summary>
internal enum Framing : byte
{
    KnownLengthRequest = 0,
    KnownLengthResponse = 1,
    IndeterminateLengthRequest = 2,
    IndeterminateLengthResponse = 3,
}

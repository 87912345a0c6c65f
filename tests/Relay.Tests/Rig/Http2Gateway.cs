using System.Buffers.Binary;
using System.Net.Security;
using System.Text;

namespace Veil.Relay.Tests.Rig;

/// <summary>
/// HTTP/2, frame by frame: the head of a request is its decoded field list, one field a line, in the order of the header block.
/// </summary>
public sealed class Http2Gateway(TestCertificates certificates) : RawGateway(certificates, SslApplicationProtocol.Http2)
{
    private const byte Data = 0, Headers = 1, Settings = 4, Ping = 6;
    private const byte EndStream = 1, Acknowledge = 1, EndHeaders = 4;

    protected override async Task ServeAsync(Stream stream, int connection, CancellationToken cancellationToken)
    {
        var reader = new ByteReader(stream);
        Assert.Equal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), await reader.ExactlyAsync(24, cancellationToken));
        await WriteAsync(stream, Settings, 0, 0, [], cancellationToken);
        var heads = new Dictionary<int, string>();
        var bodies = new Dictionary<int, MemoryStream>();
        while (true)
        {
            byte[] frame = await reader.ExactlyAsync(9, cancellationToken);
            byte[] payload = await reader.ExactlyAsync(frame[0] << 16 | frame[1] << 8 | frame[2], cancellationToken);
            (byte type, byte flags, int id) = (frame[3], frame[4], BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(5)));
            switch (type)
            {
                case Settings when (flags & Acknowledge) == 0:
                    await WriteAsync(stream, Settings, Acknowledge, 0, [], cancellationToken);
                    break;
                case Ping when (flags & Acknowledge) == 0:
                    await WriteAsync(stream, Ping, Acknowledge, 0, payload, cancellationToken);
                    break;
                case Headers:
                    Assert.True((flags & EndHeaders) != 0, "a request of the relay has a short header block");
                    Assert.False(heads.ContainsKey(id), "a request of the relay has no trailers");
                    heads[id] = HpackFields.Decode(payload);
                    bodies[id] = new MemoryStream();
                    break;
                case Data:
                    bodies[id].Write(payload);
                    break;
            }
            if (type is Data or Headers && (flags & EndStream) != 0)
            {
                var request = new RawRequest(connection, Encoding.Latin1.GetBytes(heads[id]), bodies[id].ToArray());
                Requests.Enqueue(request);
                (string mediaType, string body) = request.Body.Length == 0 ? ("application/ohttp-keys", "keys")
                    : (request.HeadText.Contains("chunked", StringComparison.Ordinal) ? "message/ohttp-chunked-res" : "message/ohttp-res", "answer");
                // :status 200 is entry 8 of the static table, content-type entry 31.
                await WriteAsync(stream, Headers, EndHeaders, id, [0x88, 0x0f, 0x10, (byte)mediaType.Length, .. Encoding.ASCII.GetBytes(mediaType)], cancellationToken);
                await WriteAsync(stream, Data, EndStream, id, Encoding.ASCII.GetBytes(body), cancellationToken);
            }
        }
    }

    private static async Task WriteAsync(Stream stream, byte type, byte flags, int id, byte[] payload, CancellationToken cancellationToken)
    {
        byte[] frame = [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        await stream.WriteAsync(frame, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }
}

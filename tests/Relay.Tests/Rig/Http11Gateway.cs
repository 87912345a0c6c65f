using System.Net.Security;
using System.Text;

namespace Veil.Relay.Tests.Rig;

/// <summary>HTTP/1.1, raw: the head as it arrived, the body without chunk framing. Answers with bytes that the test gives.</summary>
public sealed class Http11Gateway(TestCertificates certificates, Func<RawRequest, string> answer) : RawGateway(certificates, SslApplicationProtocol.Http11)
{
    public const string Keys = "HTTP/1.1 200 OK\r\nContent-Type: application/ohttp-keys\r\nContent-Length: 4\r\n\r\nkeys";

    /// <summary>Answers that every sealed request gets, and keys for the mirror.</summary>
    public Http11Gateway(TestCertificates certificates)
        : this(certificates, request => request.Body.Length == 0 ? Keys
            : request.HeadText.Contains("chunked-req", StringComparison.Ordinal)
                ? "HTTP/1.1 200 OK\r\nContent-Type: message/ohttp-chunked-res\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nanswer\r\n0\r\n\r\n"
                : "HTTP/1.1 200 OK\r\nContent-Type: message/ohttp-res\r\nContent-Length: 6\r\n\r\nanswer")
    {
    }

    protected override async Task ServeAsync(Stream stream, int connection, CancellationToken cancellationToken)
    {
        var reader = new ByteReader(stream);
        while (true)
        {
            byte[] head = await reader.UntilAsync("\r\n\r\n"u8.ToArray(), cancellationToken);
            string text = Encoding.Latin1.GetString(head);
            byte[] body = text.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase) ? await DechunkAsync(reader, cancellationToken)
                : Length(text) is var length and > 0 ? await reader.ExactlyAsync(length, cancellationToken) : [];
            var request = new RawRequest(connection, head, body);
            Requests.Enqueue(request);
            string reply = answer(request);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(reply), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            if (reply.Contains("X-Cut", StringComparison.Ordinal))
                return;
        }
    }

    private static int Length(string head)
    {
        const string Name = "\r\nContent-Length: ";
        int at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? 0 : int.Parse(head.AsSpan(at + Name.Length, head.IndexOf('\r', at + 2) - at - Name.Length), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<byte[]> DechunkAsync(ByteReader reader, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        while (true)
        {
            string size = Encoding.Latin1.GetString(await reader.UntilAsync("\r\n"u8.ToArray(), cancellationToken)).Trim();
            byte[] chunk = await reader.ExactlyAsync(Convert.ToInt32(size, 16), cancellationToken);
            body.Write(chunk);
            byte[] end = await reader.UntilAsync("\r\n"u8.ToArray(), cancellationToken);
            Assert.Equal("\r\n"u8.ToArray(), end);
            if (chunk.Length == 0)
                return body.ToArray();
        }
    }
}

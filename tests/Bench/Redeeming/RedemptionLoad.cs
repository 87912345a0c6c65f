using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Veil.Proofs.Issuer;

namespace Veil.Bench.Redeeming;

/// <summary>Redemption calls whose bytes are made before the clock starts, sent over keep-alive connections, each as soon as the one before is answered.</summary>
internal sealed class RedemptionLoad
{
    private readonly byte[][] _calls;
    private readonly int _tokensPerCall;

    /// <param name="tokens">Each is redeemed once.</param>
    /// <param name="tokensPerCall">How many a call has.</param>
    public RedemptionLoad(ReadOnlySpan<byte[]> tokens, int tokensPerCall)
    {
        _tokensPerCall = tokensPerCall;
        _calls = new byte[tokens.Length / tokensPerCall][];
        for (int i = 0; i < _calls.Length; i++)
        {
            _calls[i] = Call(tokens.Slice(i * tokensPerCall, tokensPerCall));
        }
    }

    /// <summary>How many tokens it redeems.</summary>
    public int Tokens => _calls.Length * _tokensPerCall;

    /// <summary>Redeems everything and gives the tokens accepted a second.</summary>
    /// <exception cref="InvalidOperationException">A token was not accepted.</exception>
    public double Run(Uri issuer, int connections)
    {
        int next = -1;
        int refused = 0;
        var endPoint = new IPEndPoint(IPAddress.Loopback, issuer.Port);
        Thread[] threads = [.. Enumerable.Range(0, connections).Select(_ => new Thread(Drive, maxStackSize: 256 * 1024))];
        long started = Stopwatch.GetTimestamp();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return refused == 0 ? Tokens / seconds : throw new InvalidOperationException($"{refused} calls were not accepted as a whole.");

        void Drive()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(endPoint);
            byte[] buffer = new byte[64 * 1024];
            for (int call = Interlocked.Increment(ref next); call < _calls.Length; call = Interlocked.Increment(ref next))
            {
                socket.Send(_calls[call]);
                if (Receive(socket, buffer).Count("\"accepted\""u8) != _tokensPerCall)
                    Interlocked.Increment(ref refused);
            }
        }
    }

    private static byte[] Call(ReadOnlySpan<byte[]> tokens)
    {
        var body = new StringBuilder("{\"redemptions\":[");
        Span<byte> id = stackalloc byte[16];
        foreach (byte[] token in tokens)
        {
            RandomNumberGenerator.Fill(id);
            body.Append(body[^1] is '[' ? "" : ",").Append("{\"token\":\"").Append(Base64Url.EncodeToString(token))
                .Append("\",\"redemption_id\":\"").Append(Base64Url.EncodeToString(id)).Append("\"}");
        }

        body.Append("]}");
        return Encoding.ASCII.GetBytes(
            $"POST /redeem HTTP/1.1\r\nHost: issuer.example\r\nAuthorization: Bearer {IssuerProcess.GatewaySecret}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    /// <summary>The body of one answer with a Content-Length; nothing when the connection ended.</summary>
    private static ReadOnlySpan<byte> Receive(Socket socket, byte[] buffer)
    {
        int received = 0;
        while (true)
        {
            int read = socket.Receive(buffer.AsSpan(received));
            if (read == 0)
                return [];
            received += read;
            ReadOnlySpan<byte> answer = buffer.AsSpan(0, received);
            int head = answer.IndexOf("\r\n\r\n"u8);
            if (head >= 0 && received >= head + 4 + ContentLength(answer[..head]))
                return answer[(head + 4)..];
        }
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> name = "Content-Length: "u8;
        int length = 0;
        for (int i = head.IndexOf(name) + name.Length; i < head.Length && head[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            length = (length * 10) + (head[i] - '0');
        }

        return length;
    }
}

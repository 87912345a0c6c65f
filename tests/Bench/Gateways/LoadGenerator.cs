using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Veil.Bench.Gateways;

/// <summary>Sends prepared HTTP/1.1 requests over a few keep-alive connections, each as soon as the one before is answered.</summary>
internal static class LoadGenerator
{
    private const int Connections = 8;

    /// <summary>Keeps this process off the server's core where there is another one.</summary>
    public static void Pin()
    {
        if (OperatingSystem.IsLinux() && Environment.ProcessorCount > 1)
            Process.GetCurrentProcess().ProcessorAffinity = 2;
    }

    /// <summary>The bytes of one request.</summary>
    public static byte[] Post(string path, string mediaType, byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: {mediaType}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    /// <summary>Sends each request once and measures.</summary>
    public static LoadFigures Run(BenchServer server, byte[][] requests)
    {
        double[] times = new double[requests.Length];
        long before = server.CpuNanoseconds;
        Thread[] threads = [.. Enumerable.Range(0, Connections).Select(first => new Thread(() => Drive(server, requests, times, first)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        double cpu = (server.CpuNanoseconds - before) / 1000.0 / requests.Length;
        Array.Sort(times);
        return times[0] > 0
            ? new(cpu, times[times.Length / 2], times[times.Length * 99 / 100])
            : throw new InvalidOperationException("A request was not answered with 200.");
    }

    private static void Drive(BenchServer server, byte[][] requests, double[] times, int first)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server.EndPoint);
        byte[] buffer = new byte[16 * 1024];
        for (int i = first; i < requests.Length; i += Connections)
        {
            long started = Stopwatch.GetTimestamp();
            socket.Send(requests[i]);
            if (!ReceiveAnswer(socket, buffer))
                return;
            times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }
    }

    /// <summary>Reads one answer with a Content-Length; true when it is a 200.</summary>
    private static bool ReceiveAnswer(Socket socket, byte[] buffer)
    {
        int received = 0;
        int size = int.MaxValue;
        while (received < size)
        {
            int read = socket.Receive(buffer.AsSpan(received));
            if (read is 0)
                return false;
            received += read;
            int head = buffer.AsSpan(0, received).IndexOf("\r\n\r\n"u8);
            if (size is int.MaxValue && head >= 0)
                size = head + 4 + ContentLength(buffer.AsSpan(0, head));
        }

        return buffer.AsSpan().StartsWith("HTTP/1.1 200"u8);
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> name = "Content-Length: "u8;
        int start = head.IndexOf(name) + name.Length;
        int length = 0;
        for (int i = start; i < head.Length && head[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            length = (length * 10) + (head[i] - '0');
        }

        return length;
    }
}

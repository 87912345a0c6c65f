using System.Net;
using System.Net.Sockets;

namespace Veil.DevStack;

/// <summary>
/// Who listens where. Every party has a loopback address of its own, so that "which address did the gateway see" has a
/// meaning on one machine; where the system gives a process 127.0.0.1 alone, all share it.
/// </summary>
public sealed class LoopbackPlan
{
    private static readonly HashSet<int> HandedOut = [];

    private readonly int _basePort;
    private int _taken;

    /// <param name="basePort">The first of the ports that are used, or 0 for free ones.</param>
    /// <param name="hosts">How many hosts there are.</param>
    internal LoopbackPlan(int basePort, int hosts)
    {
        _basePort = basePort;
        HasOwnAddresses = CanListen(new IPEndPoint(IPAddress.Parse("127.0.10.1"), 0));
        Client = Own("127.0.10.1");
        Relay = Place(Own("127.0.20.1"));
        Gateway = Place(Own("127.0.30.1"));
        Issuer = Place(Own("127.0.40.1"));
        Hosts = [.. Enumerable.Range(1, hosts).Select(number => Place(Own($"127.0.50.{number}")))];
        Workload = Next(IPAddress.Loopback, "workload");
        Log = Place(Own("127.0.60.1"));
        Witnesses = [Place(Own("127.0.70.1")), Place(Own("127.0.70.2"))];
        Replica = Place(Gateway.Public.Address);
    }

    /// <summary>False where all parties share 127.0.0.1.</summary>
    public bool HasOwnAddresses { get; }

    /// <summary>The person's address.</summary>
    public IPAddress Client { get; }

    /// <summary>The relay.</summary>
    public Place Relay { get; }

    /// <summary>The gateway.</summary>
    public Place Gateway { get; }

    /// <summary>A second gateway on the address of the first, for which both have their certificate.</summary>
    public Place Replica { get; }

    /// <summary>The issuer.</summary>
    public Place Issuer { get; }

    /// <summary>The hosts.</summary>
    public IReadOnlyList<Place> Hosts { get; }

    /// <summary>The transparency log.</summary>
    public Place Log { get; }

    /// <summary>Its two witnesses.</summary>
    public IReadOnlyList<Place> Witnesses { get; }

    /// <summary>The workload, on 127.0.0.1 as every workload.</summary>
    public IPEndPoint Workload { get; }

    private IPAddress Own(string address) => HasOwnAddresses ? IPAddress.Parse(address) : IPAddress.Loopback;

    private Place Place(IPAddress address) => new(Next(address, "party"), Next(IPAddress.Loopback, "management"));

    private IPEndPoint Next(IPAddress address, string use)
    {
        int port = _basePort == 0 ? FreePort(address) : _basePort + _taken++;
        var endPoint = new IPEndPoint(address, port);
        return CanListen(endPoint)
            ? endPoint
            : throw new DevStackException($"Port {port} on {address} ({use}) is in use: stop what listens there, or choose other ports with --port BASE (0 takes free ones).");
    }

    private static bool CanListen(IPEndPoint endPoint)
    {
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(endPoint);
            probe.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A port that nobody listens on and that no plan of this process has handed out.</summary>
    private static int FreePort(IPAddress address)
    {
        while (true)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(address, 0));
            int port = ((IPEndPoint)probe.LocalEndPoint!).Port;
            lock (HandedOut)
            {
                if (HandedOut.Add(port))
                {
                    return port;
                }
            }
        }
    }
}

/// <summary>A party's public end point and its management port (health and metrics).</summary>
public sealed record Place(IPEndPoint Public, IPEndPoint Management)
{
    /// <summary>The party's https URL with a trailing slash.</summary>
    public Uri Url => new($"https://{Public}/");
}

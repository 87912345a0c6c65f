using System.Net;
using System.Net.Sockets;

namespace Veil.EndToEnd;

/// <summary>A way to a party through a port of its own on the same address, which can be closed and opened again, as a network fails and comes back.</summary>
internal sealed class ClosableRoute : IDisposable
{
    private readonly IPEndPoint _party;
    private readonly TcpListener _listener;
    private readonly HashSet<Socket> _connected = [];
    private bool _isOpen = true;

    public ClosableRoute(IPEndPoint party)
    {
        _party = party;
        _listener = new TcpListener(party.Address, 0);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where it begins.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Lets connections through again.</summary>
    public void Open()
    {
        lock (_connected)
        {
            _isOpen = true;
        }
    }

    /// <summary>Cuts every connection, and each that comes.</summary>
    public void Close()
    {
        lock (_connected)
        {
            _isOpen = false;
            foreach (Socket socket in _connected)
                socket.Dispose();
            _connected.Clear();
        }
    }

    public void Dispose()
    {
        Close();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = CarryAsync(await _listener.AcceptSocketAsync());
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionAborted)
            {
                // Who came has left again.
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket from)
    {
        using var to = new Socket(_party.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using (from)
        {
            try
            {
                if (!TryKeep(from, to))
                    return;
                await to.ConnectAsync(_party);
                await using var here = new NetworkStream(from);
                await using var there = new NetworkStream(to);
                await Task.WhenAny(here.CopyToAsync(there), there.CopyToAsync(here));
            }
            catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException)
            {
                // Closed, or one end is gone.
            }
            finally
            {
                lock (_connected)
                {
                    _connected.ExceptWith([from, to]);
                }
            }
        }
    }

    private bool TryKeep(params Socket[] pair)
    {
        lock (_connected)
        {
            if (_isOpen)
                _connected.UnionWith(pair);
            return _isOpen;
        }
    }
}

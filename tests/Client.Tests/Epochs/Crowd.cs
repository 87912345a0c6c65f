using System.Net;
using Veil.Attestation;
using Veil.Client.Tests.Exchange;
using Veil.ClientSdk;
using Veil.Ohttp;
using Veil.PrivacyPass;

namespace Veil.Client.Tests.Epochs;

/// <summary>
/// Clients of one trust bundle, each with an address, connections and files of its own, and the honest log that they are shown. Their views are used for a second, so that all
/// of them ask and judge anew whenever a test says that it is later.
/// </summary>
public sealed class Crowd : IAsyncLifetime
{
    private readonly LaterClock _clock = new();
    private VeilHandler[] _handlers = [];
    private int _clients;

    internal FarSide Far { get; private set; } = null!;

    internal EpochServer Honest { get; private set; } = null!;

    internal static int Size => 999;

    public async ValueTask InitializeAsync()
    {
        Far = await FarSide.StartAsync();
        Far.Epochs = Honest = new EpochServer(Far) { Hosts = [EpochServer.Host(1), EpochServer.Host(2)] };
        byte[] mirror = Honest.UpTo().Package();
        Honest.MirrorInstead = () => mirror;
        _handlers = [.. Enumerable.Range(0, Size).Select(_ => NewClient(out IPAddress _))];
    }

    /// <summary>A client that is started for the first time.</summary>
    internal VeilHandler NewClient(out IPAddress address)
    {
        address = new([127, 1, (byte)(_clients / 250), (byte)(1 + (_clients % 250))]);
        _clients++;
        return new VeilHandler(Far.Options(tokens: true, viewLifetime: TimeSpan.FromSeconds(1), from: address), _clock);
    }

    /// <summary>From here on no view that was made before is used.</summary>
    internal void Later() => _clock.Ahead += TimeSpan.FromSeconds(1);

    /// <summary>What one of the crowd relies on.</summary>
    internal Task<HeldView> LookAsync(int number, CancellationToken cancellationToken) => LookAsync(_handlers[number], cancellationToken);

    internal async Task<HeldView> LookAsync(VeilHandler client, CancellationToken cancellationToken)
    {
        TrustedView view = await client.GetViewAsync(cancellationToken);
        Assert.True(view.TryFindTokenKey(_clock.GetUtcNow(), out TokenChallenge? challenge, out TokenPublicKey? key));
        return new(
            Convert.ToHexString(KeyConfig.WriteCollection([view.Key])),
            Convert.ToHexString(key.Encoding),
            Convert.ToHexString(challenge.Encoded),
            view.Price(FarSide.Service),
            view.HostCount(FarSide.Service),
            view.Standing!.Epoch,
            view.Standing.LogSize);
    }

    /// <summary>What the honest head says.</summary>
    internal HeldView HonestView() => new(
        Convert.ToHexString(Far.Mirror),
        Convert.ToHexString(Far.IssuerKey.Encoding),
        Convert.ToHexString(Far.Challenge.Encoded),
        Far.Price,
        Honest.Hosts.Count,
        EpochServer.Now,
        Honest.Authority.Size);

    /// <summary>What a client wrote down of the log; null for nothing.</summary>
    internal string? Seen(IPAddress client) => File.Exists(Far.File($"seen{client}")) ? File.ReadAllText(Far.File($"seen{client}")) : null;

    public async ValueTask DisposeAsync()
    {
        foreach (VeilHandler handler in _handlers)
            handler.Dispose();
        Honest?.Dispose();
        if (Far is not null)
            await Far.DisposeAsync();
    }

    private sealed class LaterClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }

    internal sealed record HeldView(string Key, string IssuerKey, string Challenge, ServicePrice? Price, int Hosts, long Epoch, long LogSize);
}

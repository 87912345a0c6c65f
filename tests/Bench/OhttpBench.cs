using System.Security.Cryptography;
using Veil.Bench.Measuring;
using Veil.Crypto;
using Veil.Ohttp;

namespace Veil.Bench;

/// <summary>
/// A gateway's work on one exchange: open a request of 1 KiB and seal an answer of 1 KiB, on the caller's spans, without Binary HTTP. The yardstick is
/// the one X25519 that no gateway can save, with its context and peer kept.
/// </summary>
internal sealed class OhttpBench : IBench
{
    private const int MessageSize = 1024;
    private const int Requests = 64;
    private const int Rounds = 60;
    private const int Operations = 400;

    public string Name => "ohttp";

    public string Description => "thread-CPU us to open a 1 KiB request and seal its answer, against the X25519 alone; target 0.82, 0 bytes allocated";

    public Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        var keys = new GatewayKeys(key);
        byte[][] requests = [.. Enumerable.Range(0, Requests).Select(_ => Seal(key.Config))];
        var plaintext = new byte[requests[0].Length];
        var answer = new byte[MessageSize];
        var encapsulated = new byte[2 * MessageSize];
        int next = 0;

        void Exchange()
        {
            byte[] request = requests[next++ % Requests];
            if (!RequestOpener.TryOpen(keys, request, plaintext, out _, out ResponseSealer response, out OhttpError error))
                throw new InvalidOperationException($"The bench's own request did not open: {error}.");
            response.Seal(answer, encapsulated);
            response.Dispose();
        }

        using var bare = new BareX25519();
        double[] best = InterleavedRounds.BestMicroseconds(Rounds, Operations, Exchange, bare.Derive);
        double allocated = InterleavedRounds.AllocatedBytes(Operations, Exchange);
        IReadOnlyList<BenchResult> results =
        [
            BenchResult.Cost("ohttp open + answer, 1 KiB", best[0], "us", best[1], 0.82),
            BenchResult.AtMost("ohttp allocated per exchange", allocated, "B", 0),
        ];
        return Task.FromResult(results);
    }

    private static byte[] Seal(KeyConfig config)
    {
        var request = new byte[RequestSealer.GetSize(config, MessageSize)];
        RequestSealer.Seal(config, SymmetricSuite.Aes128Gcm, RandomNumberGenerator.GetBytes(MessageSize), request, out _).Dispose();
        return request;
    }

    /// <summary>libcrypto's X25519 and nothing else.</summary>
    private sealed unsafe class BareX25519 : IDisposable
    {
        private const int KeySize = 32;

        private readonly nint _key;
        private readonly nint _peer;
        private readonly nint _context;
        private readonly byte[] _secret = GC.AllocateArray<byte>(KeySize, pinned: true);

        internal BareX25519()
        {
            if (!Libcrypto.IsLoaded)
                throw new PlatformNotSupportedException("The yardstick is OpenSSL's X25519, and there is no OpenSSL 3 libcrypto here.");

            byte* scalar = stackalloc byte[KeySize];
            byte* point = stackalloc byte[KeySize];
            RandomNumberGenerator.Fill(new Span<byte>(scalar, KeySize));
            new Span<byte>(point, KeySize).Clear();
            point[0] = 9;
            _key = Libcrypto.NewRawPrivateKey(Libcrypto.X25519, 0, scalar, KeySize);
            _peer = Libcrypto.NewRawPublicKey(Libcrypto.X25519, 0, point, KeySize);
            _context = Libcrypto.NewKeyContext(0, _key, 0);
            Libcrypto.Check(Libcrypto.DeriveInit(_context));
            Libcrypto.Check(Libcrypto.DeriveSetPeer(_context, _peer, 0));
        }

        internal void Derive()
        {
            nuint length = KeySize;
            fixed (byte* secret = _secret)
                Libcrypto.Check(Libcrypto.Derive(_context, secret, &length));
        }

        public void Dispose()
        {
            Libcrypto.FreeKeyContext(_context);
            Libcrypto.FreeKey(_peer);
            Libcrypto.FreeKey(_key);
        }
    }
}

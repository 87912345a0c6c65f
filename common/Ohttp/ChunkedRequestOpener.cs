using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>The gateway's side of a chunked request. A failure before <see cref="ChunkedOpener.HasOpened"/> is one of decapsulation.</summary>
public sealed class ChunkedRequestOpener : ChunkedOpener
{
    private readonly GatewayKeys _keys;
    private KemPrivateKey? _privateKey;
    private KeySchedule? _schedule;
    private RecipientContext? _context;
    private byte[] _enc = [];

    /// <summary>Waits for the first byte of a request.</summary>
    /// <param name="keys">The keys accepted now.</param>
    /// <param name="limits">Bounds; <see cref="ChunkLimits.Default"/> when null.</param>
    public ChunkedRequestOpener(GatewayKeys keys, ChunkLimits? limits = null)
        : base(limits ?? ChunkLimits.Default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = keys;
    }

    /// <summary>The request's encapsulated key, for the replay window; empty until the prefix was read.</summary>
    public ReadOnlyMemory<byte> Enc => _enc;

    private RecipientContext OpenedContext =>
        HasOpened ? _context! : throw new InvalidOperationException("No chunk of the request was opened.");

    private protected override int PrefixSize =>
        _context is not null ? 0 : _schedule is null ? MessageFormat.HeaderSize : _schedule.Suite.Kem.EncapsulatedKeySize;

    /// <summary>Seals the response; possible once a chunk was opened, while the request may still arrive.</summary>
    /// <exception cref="InvalidOperationException">No chunk was opened.</exception>
    public ChunkedResponseSealer CreateResponseSealer()
    {
        HpkeSuite suite = OpenedContext.Suite;
        return CreateResponseSealer(RandomNumberGenerator.GetBytes(MessageFormat.ResponseSecretSize(suite)));
    }

    internal ChunkedResponseSealer CreateResponseSealer(byte[] responseNonce)
    {
        RecipientContext context = OpenedContext;
        Span<byte> secret = stackalloc byte[MessageFormat.ResponseSecretSize(context.Suite)];
        context.Export(MessageFormat.Chunked.ResponseLabel, secret);
        var sealer = new ChunkedResponseSealer(context.Suite, secret, _enc, responseNonce);
        CryptographicOperations.ZeroMemory(secret);
        return sealer;
    }

    private protected override OhttpError ReadPrefix(ReadOnlySpan<byte> prefix)
    {
        if (_schedule is null)
        {
            if (!_keys.TryFind(prefix, MessageFormat.Chunked, out GatewayKey? key, out _schedule, out OhttpError error))
                return error;

            _privateKey = key.PrivateKey;
            return OhttpError.None;
        }

        _enc = prefix.ToArray();
        return RecipientContext.TrySetup(_schedule, _privateKey!, prefix, out _context) ? OhttpError.None : OhttpError.DecryptFailed;
    }

    private protected override bool TryOpen(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        _context!.TryOpen(aad, ciphertext, plaintext);

    private protected override void DisposeSecrets() => _context?.Dispose();
}

using System.Buffers.Binary;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>What tells plain from chunked messages on the wire: the two labels (RFC 9458 section 4, draft-ietf-ohai-chunked-ohttp section 6).</summary>
internal sealed class MessageFormat
{
    /// <summary>key_id(1) kem_id(2) kdf_id(2) aead_id(2).</summary>
    internal const int HeaderSize = 7;

    private readonly byte[] _requestLabel;
    private readonly byte[] _responseLabel;

    private MessageFormat(ReadOnlySpan<byte> requestLabel, ReadOnlySpan<byte> responseLabel)
    {
        _requestLabel = requestLabel.ToArray();
        _responseLabel = responseLabel.ToArray();
    }

    internal static MessageFormat Plain { get; } = new("message/bhttp request"u8, "message/bhttp response"u8);

    internal static MessageFormat Chunked { get; } = new("message/bhttp chunked request"u8, "message/bhttp chunked response"u8);

    /// <summary>The exporter context of the response's secret.</summary>
    internal ReadOnlySpan<byte> ResponseLabel => _responseLabel;

    /// <summary>Bytes of the response's secret and nonce, max(Nn, Nk).</summary>
    internal static int ResponseSecretSize(HpkeSuite suite) => Math.Max(HpkeSuite.NonceSize, suite.KeySize);

    /// <summary>The request's header.</summary>
    internal static void WriteHeader(Span<byte> destination, byte keyId, HpkeSuite suite)
    {
        destination[0] = keyId;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], suite.Kem.Id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], suite.KdfId);
        BinaryPrimitives.WriteUInt16BigEndian(destination[5..], suite.AeadId);
    }

    /// <summary>The key schedule of requests under a header: info = label || 0 || header.</summary>
    internal KeySchedule Schedule(byte keyId, HpkeSuite suite)
    {
        Span<byte> info = stackalloc byte[_requestLabel.Length + 1 + HeaderSize];
        _requestLabel.CopyTo(info);
        info[_requestLabel.Length] = 0;
        WriteHeader(info[(_requestLabel.Length + 1)..], keyId, suite);
        return KeySchedule.Base(suite, info);
    }
}

using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// A client's request for several tokens under one key and one proof (draft-ietf-privacypass-batched-tokens):
/// <c>token_type(2) | truncated_token_key_id(1) | varint length | blinded elements</c>. A view over the bytes that it was parsed from.
/// </summary>
public sealed class AmortizedBatchRequest
{
    private const int HeadSize = sizeof(ushort) + sizeof(byte);

    private AmortizedBatchRequest(TokenType type, byte truncatedKeyId, ReadOnlyMemory<byte> blindedElements)
    {
        Type = type;
        TruncatedKeyId = truncatedKeyId;
        BlindedElements = blindedElements;
    }

    /// <summary>The registry's row; <see cref="TokenType.IsAmortizable"/>.</summary>
    public TokenType Type { get; }

    /// <summary>Last byte of the wanted key's id.</summary>
    public byte TruncatedKeyId { get; }

    /// <summary>The blinded elements, concatenated.</summary>
    public ReadOnlyMemory<byte> BlindedElements { get; }

    /// <summary>How many tokens are wanted, at least one.</summary>
    public int Count => BlindedElements.Length / Type.BlindedElementSize;

    /// <summary>Parses one whole request; the issuer answers every error with 422. No element is decoded.</summary>
    /// <param name="encoded">Untrusted.</param>
    /// <param name="maxTokens">How many tokens the caller gives at once.</param>
    /// <param name="request">The request, or null.</param>
    /// <param name="error">What was wrong.</param>
    public static bool TryParse(ReadOnlyMemory<byte> encoded, int maxTokens, [NotNullWhen(true)] out AmortizedBatchRequest? request, out PrivacyPassError error)
    {
        var reader = new WireReader(encoded.Span);
        ushort id = reader.ReadUInt16();
        TokenType? type = TokenType.FindKnown(id);
        byte truncatedKeyId = reader.ReadByte();
        bool hasHead = !reader.Failed;
        int length = reader.ReadVectorMinimalVarint().Length;

        error = !hasHead ? PrivacyPassError.BadLength
            : type is null ? PrivacyPassError.UnknownTokenType
            : type.Missing is not null ? PrivacyPassError.UnavailableTokenType
            : !type.IsAmortizable ? PrivacyPassError.WrongTokenType
            : !reader.Completed || length == 0 || length % type.BlindedElementSize != 0 ? PrivacyPassError.BadLength
            : length / type.BlindedElementSize > maxTokens ? PrivacyPassError.TooManyTokens
            : PrivacyPassError.None;
        request = error is PrivacyPassError.None ? new(type!, truncatedKeyId, encoded[^length..]) : null;
        return request is not null;
    }

    /// <summary>A whole request of a type for as many tokens, in bytes.</summary>
    public static int Size(TokenType type, int count)
    {
        ArgumentNullException.ThrowIfNull(type);
        int elements = checked(count * type.BlindedElementSize);
        return HeadSize + QuicVarint.Size((ulong)elements) + elements;
    }

    internal static byte[] Write(TokenPublicKey key, ReadOnlySpan<byte> blindedElements)
    {
        var request = new byte[Size(key.Type, blindedElements.Length / key.Type.BlindedElementSize)];
        var writer = new WireWriter(request);
        writer.WriteUInt16(key.Type.Id);
        writer.WriteByte(key.TruncatedKeyId);
        writer.WriteVectorVarint(blindedElements);
        return request;
    }
}

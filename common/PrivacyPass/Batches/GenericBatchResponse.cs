using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// The answer to a generic batch, in the order of its request: <c>varint length | entries</c>, each <c>00</c> where nothing was issued, else
/// <c>01 | token_type(2) | TokenResponse</c>.
/// </summary>
public static class GenericBatchResponse
{
    /// <summary>Writes an answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tokenResponses">Of each TokenRequest its TokenResponse, or null where none was issued.</param>
    public static byte[] Write(GenericBatchRequest request, IReadOnlyList<byte[]?> tokenResponses)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(tokenResponses);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokenResponses.Count, request.TokenRequests.Count, nameof(tokenResponses));
        int size = tokenResponses.Sum(response => 1 + (response is null ? 0 : sizeof(ushort) + response.Length));
        var batch = new byte[QuicVarint.Size((ulong)size) + size];
        var writer = new WireWriter(batch);
        writer.WriteVarint((ulong)size);
        for (int i = 0; i < tokenResponses.Count; i++)
        {
            writer.WriteByte(tokenResponses[i] is null ? (byte)0 : (byte)1);
            if (tokenResponses[i] is not { } response)
                continue;

            writer.WriteBytes(request.TokenRequests[i].Span[..sizeof(ushort)]);
            writer.WriteBytes(response);
        }

        return batch;
    }

    /// <summary>Parses one whole answer.</summary>
    /// <param name="encoded">Untrusted.</param>
    /// <param name="types">The types of the TokenRequests: an entry of another type, or another number of entries, is refused.</param>
    /// <param name="tokenResponses">Of each TokenRequest its TokenResponse, empty where none was issued; or null.</param>
    /// <param name="error">What was wrong.</param>
    internal static bool TryParse(
        ReadOnlyMemory<byte> encoded, IReadOnlyList<TokenType> types, [NotNullWhen(true)] out ReadOnlyMemory<byte>[]? tokenResponses, out PrivacyPassError error)
    {
        var outer = new WireReader(encoded.Span);
        ReadOnlyMemory<byte> entries = encoded[^outer.ReadVectorMinimalVarint().Length..];
        var reader = new WireReader(entries.Span);
        var found = new ReadOnlyMemory<byte>[types.Count];
        error = outer.Completed ? PrivacyPassError.None : PrivacyPassError.BadLength;
        for (int i = 0; i < found.Length && error is PrivacyPassError.None; i++)
        {
            byte present = reader.ReadByte();
            ushort type = present == 1 ? reader.ReadUInt16() : types[i].Id;
            bool hasHead = !reader.Failed;
            int start = entries.Length - reader.Remaining;
            int size = present == 1 ? types[i].TokenResponseSize : 0;
            reader.Take(size);
            error = present > 1 ? PrivacyPassError.BadBatchEntry
                : !hasHead ? PrivacyPassError.BadLength
                : type != types[i].Id ? PrivacyPassError.WrongTokenType
                : reader.Failed ? PrivacyPassError.BadLength
                : PrivacyPassError.None;
            if (error is PrivacyPassError.None)
                found[i] = entries.Slice(start, size);
        }

        if (error is PrivacyPassError.None && !reader.Completed)
            error = PrivacyPassError.BadLength;
        tokenResponses = error is PrivacyPassError.None ? found : null;
        return tokenResponses is not null;
    }
}

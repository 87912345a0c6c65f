using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>
/// A client's request for tokens of any types and keys (draft-ietf-privacypass-batched-tokens): <c>varint length | TokenRequests</c>. A view over the bytes that
/// it was parsed from.
/// </summary>
public sealed class GenericBatchRequest
{
    private GenericBatchRequest(IReadOnlyList<ReadOnlyMemory<byte>> tokenRequests) => TokenRequests = tokenRequests;

    /// <summary>Each a whole TokenRequest of a known type, for <see cref="TokenRequest.TryParse"/>, which refuses a type that this process does not serve. At least one.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> TokenRequests { get; }

    /// <summary>
    /// Parses one whole batch. A type that is not in the registry, grease included, refuses all of it: only its type tells how long an entry is.
    /// </summary>
    /// <param name="encoded">Untrusted.</param>
    /// <param name="maxTokens">How many tokens the caller gives at once.</param>
    /// <param name="request">The request, or null.</param>
    /// <param name="error">What was wrong: 422 for all of them.</param>
    public static bool TryParse(ReadOnlyMemory<byte> encoded, int maxTokens, [NotNullWhen(true)] out GenericBatchRequest? request, out PrivacyPassError error)
    {
        var reader = new WireReader(encoded.Span);
        ReadOnlyMemory<byte> rest = encoded[^reader.ReadVectorMinimalVarint().Length..];
        var tokenRequests = new List<ReadOnlyMemory<byte>>();
        error = !reader.Completed || rest.IsEmpty ? PrivacyPassError.BadLength : PrivacyPassError.None;
        while (error is PrivacyPassError.None && !rest.IsEmpty)
        {
            TokenType? type = TokenType.FindKnown(new WireReader(rest.Span).ReadUInt16());
            error = rest.Length < sizeof(ushort) ? PrivacyPassError.BadLength
                : type is null ? PrivacyPassError.UnknownTokenType
                : rest.Length < type.TokenRequestSize ? PrivacyPassError.BadLength
                : tokenRequests.Count == maxTokens ? PrivacyPassError.TooManyTokens
                : PrivacyPassError.None;
            if (error is not PrivacyPassError.None)
                break;

            tokenRequests.Add(rest[..type!.TokenRequestSize]);
            rest = rest[type.TokenRequestSize..];
        }

        request = error is PrivacyPassError.None ? new(tokenRequests) : null;
        return request is not null;
    }

    internal static byte[] Write(IReadOnlyCollection<ReadOnlyMemory<byte>> tokenRequests)
    {
        int size = tokenRequests.Sum(request => request.Length);
        var batch = new byte[QuicVarint.Size((ulong)size) + size];
        var writer = new WireWriter(batch);
        writer.WriteVarint((ulong)size);
        foreach (ReadOnlyMemory<byte> request in tokenRequests)
            writer.WriteBytes(request.Span);
        return batch;
    }
}

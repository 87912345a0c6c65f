using Veil.Wire;

namespace Veil.PrivacyPass;

/// <summary>Pending tokens of any types and keys in one request; the issuer may leave out some.</summary>
public sealed class GenericPendingBatch : PendingBatch
{
    private readonly PendingToken[] _pending;
    private readonly TokenType[] _types;

    /// <summary>Takes the pending tokens over: they are disposed with the batch.</summary>
    /// <param name="pending">At least one.</param>
    public GenericPendingBatch(IEnumerable<PendingToken> pending)
    {
        _pending = [.. pending];
        _types = Array.ConvertAll(_pending, token => token.Type);
        ArgumentOutOfRangeException.ThrowIfZero(_pending.Length, nameof(pending));
        Request = GenericBatchRequest.Write(Array.ConvertAll(_pending, token => token.TokenRequest));
    }

    /// <inheritdoc/>
    public override int Count => _pending.Length;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Request { get; }

    /// <inheritdoc/>
    public override string RequestMediaType => PrivacyPassMediaTypes.GenericBatchRequest;

    /// <inheritdoc/>
    public override string ResponseMediaType => PrivacyPassMediaTypes.GenericBatchResponse;

    /// <inheritdoc/>
    public override int MaxResponseSize => QuicVarint.MaxSize + _types.Sum(type => 1 + sizeof(ushort) + type.TokenResponseSize);

    /// <inheritdoc/>
    public override void Dispose() => Array.ForEach(_pending, token => token.Dispose());

    private protected override IReadOnlyList<Token>? Finish(ReadOnlyMemory<byte> response, out PrivacyPassError refusal)
    {
        if (!GenericBatchResponse.TryParse(response, _types, out ReadOnlyMemory<byte>[]? tokenResponses, out refusal))
            return null;

        var issued = new List<Token>(_pending.Length);
        for (int i = 0; i < _pending.Length; i++)
        {
            if (tokenResponses[i].IsEmpty)
                continue;
            if (!_pending[i].TryFinalize(tokenResponses[i].Span, out Token? token, out refusal))
                return null;
            issued.Add(token);
        }

        return issued;
    }
}

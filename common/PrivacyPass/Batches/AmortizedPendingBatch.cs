using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>A batch of type 1 or 5: one key, one proof.</summary>
internal sealed class AmortizedPendingBatch(VoprfTokenPublicKey key, byte[][] authenticatorInputs, BlindedInputs blinded) : PendingBatch
{
    private readonly AmortizedBatchResponse _layout = new(key.Type, authenticatorInputs.Length);

    public override int Count => authenticatorInputs.Length;

    public override ReadOnlyMemory<byte> Request { get; } = AmortizedBatchRequest.Write(key, blinded.Bytes);

    public override string RequestMediaType => PrivacyPassMediaTypes.AmortizedBatchRequest;

    public override string ResponseMediaType => PrivacyPassMediaTypes.AmortizedBatchResponse;

    public override int MaxResponseSize => _layout.Size;

    public override void Dispose() => blinded.Dispose();

    private protected override IReadOnlyList<Token>? Finish(ReadOnlyMemory<byte> response, out PrivacyPassError refusal)
    {
        ReadOnlySpan<byte> bytes = response.Span;
        int size = key.Type.AuthenticatorSize;
        var authenticators = new byte[Count * size];
        refusal = !_layout.Fits(bytes) ? PrivacyPassError.BadLength
            : !blinded.TryFinalize(bytes[_layout.Elements], bytes[_layout.Proof], authenticators) ? PrivacyPassError.BadSignature
            : PrivacyPassError.None;
        return refusal is PrivacyPassError.None
            ? [.. authenticatorInputs.Select((input, i) => new Token(key.Type, [.. input, .. authenticators.AsSpan(i * size, size)]))]
            : null;
    }
}

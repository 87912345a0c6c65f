using Veil.Ohttp;

namespace Veil.Fuzz.Targets;

/// <summary>A response to a fresh request never opens unless the gateway sealed it, whatever the bytes.</summary>
public static class OhttpResponseTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        var request = new byte[RequestSealer.GetSize(OhttpKeys.Plain.Config, 0)];
        using ResponseOpener opener = RequestSealer.Seal(OhttpKeys.Plain.Config, SymmetricSuite.Aes128Gcm, default, request, out _);
        if (opener.TryOpen(input, new byte[input.Length], out _, out OhttpError error) || error is OhttpError.None)
            throw new InvalidOperationException("A response of nobody's opened.");
    }
}

using Veil.Ohttp;

namespace Veil.Fuzz.Targets;

/// <summary>A request opens or is refused by name; one that opens is shorter than what carried it and can be answered.</summary>
public static class OhttpRequestTarget
{
    private static readonly GatewayKeys Keys = new(OhttpKeys.Plain);

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        var plaintext = new byte[input.Length];
        bool opened = RequestOpener.TryOpen(Keys, input, plaintext, out int written, out ResponseSealer response, out OhttpError error);
        if (opened != error is OhttpError.None || (!opened && written != 0))
            throw new InvalidOperationException("Opening a request and its reason disagree.");
        if (!opened)
            return;

        using (response)
            response.Seal(plaintext.AsSpan(0, written), new byte[response.GetSize(written)]);
    }
}

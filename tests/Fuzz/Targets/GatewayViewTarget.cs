using Veil.Attestation;

namespace Veil.Fuzz.Targets;

/// <summary>A document that was read and written again reads as itself.</summary>
public static class GatewayViewTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!GatewayView.TryParse(input.ToArray(), out GatewayView? view, out _))
            return;
        byte[] written = view.Write();
        if (!GatewayView.TryParse(written, out GatewayView? again, out _) || !again.Write().AsSpan().SequenceEqual(written))
            throw new InvalidOperationException("A document changed when it was written and read again.");
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Veil.Crypto;

/// <summary>RSA client arithmetic on libcrypto's numbers, with the modulus's Montgomery constants made once.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Public numbers only: the finalizers of their handles free them when the last user of the key is gone.")]
internal sealed class LibcryptoRsaArithmetic : RsaArithmetic
{
    private readonly BignumHandle _n;
    private readonly BignumHandle _e;
    private readonly MontgomeryHandle _montgomery;

    public LibcryptoRsaArithmetic(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        _n = new(modulus);
        _e = new(exponent);
        _montgomery = new(_n);
    }

    public override void Encrypt(ReadOnlySpan<byte> value, Span<byte> result)
    {
        using var frame = BignumFrame.Start();
        nint power = frame.New();
        Power(frame, power, frame.Read(value));
        BignumFrame.Write(power, result);
    }

    public override bool TryBlind(ReadOnlySpan<byte> message, ReadOnlySpan<byte> r, ReadOnlySpan<byte> mask, Span<byte> blinded, Span<byte> inverse)
    {
        using var frame = BignumFrame.Start();
        nint m = frame.Read(message);
        nint blind = frame.Read(r);
        nint cover = frame.Read(mask);
        nint product = frame.New();
        nint inverted = frame.New();
        Multiply(frame, cover, m, cover);
        Multiply(frame, product, blind, cover);
        if (RsaInterop.ModInverse(inverted, product, _n, frame.Context) == 0)
        {
            RsaInterop.ClearErrors();
            return false;
        }

        Multiply(frame, inverted, inverted, cover);
        BignumFrame.Write(inverted, inverse);
        Power(frame, product, blind);
        Multiply(frame, product, m, product);
        BignumFrame.Write(product, blinded);
        return true;
    }

    public override void Multiply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> result)
    {
        using var frame = BignumFrame.Start();
        nint product = frame.New();
        Multiply(frame, product, frame.Read(left), frame.Read(right));
        BignumFrame.Write(product, result);
    }

    private void Multiply(BignumFrame frame, nint result, nint left, nint right) =>
        BignumFrame.Check(RsaInterop.ModMultiply(result, left, right, _n, frame.Context) == 1);

    private void Power(BignumFrame frame, nint result, nint value) =>
        BignumFrame.Check(RsaInterop.ModExp(result, value, _e, _n, frame.Context, _montgomery) == 1);
}

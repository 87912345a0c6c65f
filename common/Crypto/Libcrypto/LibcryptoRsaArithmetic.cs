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

    public override bool TryBlind(ReadOnlySpan<byte> messages, ReadOnlySpan<byte> blinds, ReadOnlySpan<byte> mask, Span<byte> blinded, Span<byte> inverses)
    {
        int size = mask.Length;
        int count = messages.Length / size;
        using var frame = BignumFrame.Start();
        var m = new nint[count];
        var r = new nint[count];

        // products[i] is mask * m_0 * … * m_last * r_0 * … * r_(i-1).
        var products = new nint[count + 1];
        products[0] = frame.Read(mask);
        for (int i = 0; i < count; i++)
        {
            m[i] = frame.Read(messages.Slice(i * size, size));
            r[i] = frame.Read(blinds.Slice(i * size, size));
            Multiply(frame, products[0], products[0], m[i]);
        }

        for (int i = 0; i < count; i++)
        {
            products[i + 1] = frame.New();
            Multiply(frame, products[i + 1], products[i], r[i]);
        }

        nint inverted = frame.New();
        nint result = frame.New();
        if (RsaInterop.ModInverse(inverted, products[count], _n, frame.Context) == 0)
        {
            RsaInterop.ClearErrors();
            return false;
        }

        for (int i = count - 1; i >= 0; i--)
        {
            Multiply(frame, result, inverted, products[i]);
            BignumFrame.Write(result, inverses.Slice(i * size, size));
            Multiply(frame, inverted, inverted, r[i]);
            Power(frame, result, r[i]);
            Multiply(frame, result, m[i], result);
            BignumFrame.Write(result, blinded.Slice(i * size, size));
        }

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

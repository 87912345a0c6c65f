using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>The numbers of one calculation: taken from a BN_CTX of its own and erased with it when the frame is disposed.</summary>
internal readonly unsafe ref struct BignumFrame : IDisposable
{
    private BignumFrame(nint context) => Context = context;

    /// <summary>The BN_CTX, for calls that need scratch space.</summary>
    public nint Context { get; }

    /// <summary>Opens a frame.</summary>
    public static BignumFrame Start()
    {
        nint context = RsaInterop.NewBignumContext();
        if (context == 0)
            throw new InsufficientMemoryException("libcrypto could not allocate a calculation.");

        RsaInterop.StartFrame(context);
        return new(context);
    }

    /// <summary>A number for a result.</summary>
    public nint New()
    {
        nint number = RsaInterop.NextBignum(Context);
        return number != 0 ? number : throw new InsufficientMemoryException("libcrypto could not allocate a number.");
    }

    /// <summary>A number from big-endian octets.</summary>
    public nint Read(ReadOnlySpan<byte> octets) => Read(octets, New());

    /// <summary>Puts big-endian octets into a number of this frame.</summary>
    public nint Read(ReadOnlySpan<byte> octets, nint number)
    {
        fixed (byte* start = octets)
            Check(RsaInterop.ReadBignum(start, octets.Length, number) != 0);

        return number;
    }

    /// <summary>Fills <paramref name="octets"/> with the number, big-endian, zeros on the left.</summary>
    public static void Write(nint number, Span<byte> octets)
    {
        fixed (byte* start = octets)
            Check(RsaInterop.WriteBignum(number, start, octets.Length) == octets.Length);
    }

    /// <summary>Throws where a call failed that fails only for want of memory.</summary>
    public static void Check(bool succeeded)
    {
        if (succeeded)
            return;

        RsaInterop.ClearErrors();
        throw new CryptographicException("A calculation of libcrypto failed.");
    }

    public void Dispose()
    {
        RsaInterop.EndFrame(Context);
        RsaInterop.FreeBignumContext(Context);
    }
}

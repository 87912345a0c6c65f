using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>Owns a BIGNUM that is never written after it was read from its octets, and may be shared by threads.</summary>
internal sealed unsafe class BignumHandle : SafeHandle
{
    public BignumHandle(ReadOnlySpan<byte> octets)
        : base(0, ownsHandle: true)
    {
        fixed (byte* start = octets)
            SetHandle(RsaInterop.ReadBignum(start, octets.Length, 0));

        if (IsInvalid)
            throw new InsufficientMemoryException("libcrypto could not allocate a number.");
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        RsaInterop.FreeBignum(handle);
        return true;
    }
}

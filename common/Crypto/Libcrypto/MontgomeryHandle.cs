using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>Owns the Montgomery constants of one odd modulus; read-only once made, and shared by threads.</summary>
internal sealed class MontgomeryHandle : SafeHandle
{
    public MontgomeryHandle(BignumHandle modulus)
        : base(0, ownsHandle: true)
    {
        SetHandle(RsaInterop.NewMontgomery());
        using var frame = BignumFrame.Start();
        if (IsInvalid || RsaInterop.SetMontgomery(handle, modulus, frame.Context) != 1)
            throw new CryptographicException("libcrypto could not prepare the modulus.");
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        RsaInterop.FreeMontgomery(handle);
        return true;
    }
}

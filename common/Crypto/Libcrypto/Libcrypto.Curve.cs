using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>Points of a curve (EC_GROUP, EC_POINT).</summary>
internal static partial class Libcrypto
{
    /// <summary>NID of secp384r1.</summary>
    internal const int P384 = 715;

    /// <summary>POINT_CONVERSION_COMPRESSED.</summary>
    internal const int Compressed = 2;

    /// <summary>BN_FLG_CONSTTIME: the number is a secret.</summary>
    internal const int ConstantTime = 4;

    [LibraryImport(Name, EntryPoint = "EC_GROUP_new_by_curve_name")]
    internal static partial nint NewCurve(int name);

    [LibraryImport(Name, EntryPoint = "EC_GROUP_free")]
    internal static partial void FreeCurve(nint curve);

    [LibraryImport(Name, EntryPoint = "EC_POINT_new")]
    internal static partial nint NewPoint(nint curve);

    [LibraryImport(Name, EntryPoint = "EC_POINT_clear_free")]
    internal static partial void FreePoint(nint point);

    [LibraryImport(Name, EntryPoint = "EC_POINT_oct2point")]
    internal static unsafe partial int ReadPoint(nint curve, nint point, byte* octets, nuint length, nint context);

    [LibraryImport(Name, EntryPoint = "EC_POINT_point2oct")]
    internal static unsafe partial nuint WritePoint(nint curve, nint point, int form, byte* octets, nuint length, nint context);

    [LibraryImport(Name, EntryPoint = "EC_POINT_is_at_infinity")]
    internal static partial int IsInfinity(nint curve, nint point);

    [LibraryImport(Name, EntryPoint = "EC_POINT_add")]
    internal static partial int AddPoints(nint curve, nint result, nint left, nint right, nint context);

    /// <summary>With one of the two scalars alone this is libcrypto's ladder: constant time, with blinded coordinates.</summary>
    [LibraryImport(Name, EntryPoint = "EC_POINT_mul")]
    internal static partial int MultiplyPoint(nint curve, nint result, nint generatorScalar, nint point, nint scalar, nint context);

    /// <summary>A sum of products, interleaved; its time depends on the scalars. Deprecated: asked for with <see cref="Has"/>.</summary>
    [LibraryImport(Name, EntryPoint = "EC_POINTs_mul")]
    internal static unsafe partial int CombinePoints(nint curve, nint result, nint generatorScalar, nuint count, nint* points, nint* scalars, nint context);

    [LibraryImport(Name, EntryPoint = "BN_set_flags")]
    internal static partial void SetNumberFlags(nint number, int flags);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>
/// ristretto255 in the system's libsodium, which is looked for at run time and may be absent. Points and scalars have 32 bytes, results may overlap
/// inputs. Every function is constant time; those that return a number return 0 for success.
/// </summary>
internal static unsafe partial class Libsodium
{
    /// <summary>The name in every <see cref="LibraryImportAttribute"/> here.</summary>
    internal const string Name = "libsodium";

    /// <summary>1.0.18, and from 1.0.19 on: the functions used here are the same.</summary>
    private static readonly string[] FileNames = ["libsodium.so.23", "libsodium.so.26"];

    /// <summary>The library; 0 where it is absent.</summary>
    internal static readonly nint Handle = Load();

    // Libcrypto's constructor puts the resolver of both names in place.
    static Libsodium() => RuntimeHelpers.RunClassConstructor(typeof(Libcrypto).TypeHandle);

    /// <summary>True when the library is there and has the functions.</summary>
    internal static bool IsLoaded => Handle != 0;

    [LibraryImport(Name, EntryPoint = "sodium_init")]
    internal static partial int Init();

    /// <summary>1 for a canonical encoding of an element, the identity included.</summary>
    [LibraryImport(Name, EntryPoint = "crypto_core_ristretto255_is_valid_point")]
    internal static partial int IsValidPoint(byte* point);

    /// <summary>The one-way map of RFC 9496 section 4.3.4, from 64 uniform bytes.</summary>
    [LibraryImport(Name, EntryPoint = "crypto_core_ristretto255_from_hash")]
    internal static partial int FromHash(byte* point, byte* uniform);

    [LibraryImport(Name, EntryPoint = "crypto_core_ristretto255_add")]
    internal static partial int Add(byte* sum, byte* left, byte* right);

    /// <summary>-1 also where the product is the identity.</summary>
    [LibraryImport(Name, EntryPoint = "crypto_scalarmult_ristretto255")]
    internal static partial int Multiply(byte* product, byte* scalar, byte* point);

    /// <summary>A number of 64 bytes, little-endian, modulo the order.</summary>
    [LibraryImport(Name, EntryPoint = "crypto_core_ristretto255_scalar_reduce")]
    internal static partial void ReduceScalar(byte* scalar, byte* wide);

    [LibraryImport(Name, EntryPoint = "crypto_core_ristretto255_scalar_mul")]
    internal static partial void MultiplyScalars(byte* product, byte* left, byte* right);

    [LibraryImport(Name, EntryPoint = "crypto_core_ristretto255_scalar_sub")]
    internal static partial void SubtractScalars(byte* difference, byte* left, byte* right);

    [LibraryImport(Name, EntryPoint = "crypto_core_ristretto255_scalar_invert")]
    internal static partial int InvertScalar(byte* inverse, byte* scalar);

    private static nint Load()
    {
        if (!OperatingSystem.IsLinux())
            return 0;

        foreach (string fileName in FileNames)
        {
            if (NativeLibrary.TryLoad(fileName, out nint handle))
                return handle;
        }

        return 0;
    }
}

using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// The OpenSSL 3 libcrypto that .NET itself has loaded. Entry points stand in one file per family
/// (<c>Libcrypto.Agreement.cs</c>, <c>Libcrypto.Cipher.cs</c>, …); every caller checks <see cref="IsLoaded"/> first and every return code after.
/// </summary>
internal static partial class Libcrypto
{
    /// <summary>The name in every <see cref="LibraryImportAttribute"/> here; resolved to .NET's own copy, never searched by path.</summary>
    private const string Name = "libcrypto";

    private static readonly nint Handle = Load();

    // An explicit constructor makes the initialisation precise: the resolver is in place before the first entry point is bound.
    static Libcrypto() => NativeLibrary.SetDllImportResolver(typeof(Libcrypto).Assembly, Resolve);

    /// <summary>True when .NET runs on an OpenSSL of major version 3 or later and its libcrypto could be bound.</summary>
    internal static bool IsLoaded => Handle != 0;

    /// <summary>True when this libcrypto exports <paramref name="entryPoint"/>: deprecated ones may be built out.</summary>
    internal static bool Has(string entryPoint) => IsLoaded && NativeLibrary.TryGetExport(Handle, entryPoint, out _);

    /// <summary>Throws for a call that cannot fail on a working platform.</summary>
    /// <exception cref="CryptographicException">The return code is not 1.</exception>
    internal static void Check(int returnCode)
    {
        if (returnCode != 1)
            throw new CryptographicException("libcrypto refused a call that a working platform serves.");
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) => library switch
    {
        Name => Handle,
        Libsodium.Name => Libsodium.Handle,
        _ => 0,
    };

    private static nint Load()
    {
        if (!OperatingSystem.IsLinux())
            return 0;

        try
        {
            // Asking for the version makes .NET load its OpenSSL; the same file name then gives that same copy.
            long version = SafeEvpPKeyHandle.OpenSslVersion;
            long major = version >> 28;
            if (major < 3 || !NativeLibrary.TryLoad($"libcrypto.so.{major}", out nint handle))
                return 0;

            return IsVersion(handle, version) ? handle : 0;
        }
        catch (Exception e) when (e is PlatformNotSupportedException or DllNotFoundException or TypeInitializationException)
        {
            return 0;
        }
    }

    private static unsafe bool IsVersion(nint handle, long version)
    {
        if (!NativeLibrary.TryGetExport(handle, "OpenSSL_version_num", out nint address))
            return false;

        var versionNumber = (delegate* unmanaged<nuint>)address;
        return (long)versionNumber() == version;
    }
}

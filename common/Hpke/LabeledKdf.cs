using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Hpke;

/// <summary>LabeledExtract and LabeledExpand (RFC 9180 section 4) over HKDF-SHA256.</summary>
internal static class LabeledKdf
{
    private const int StackSize = 256;

    private static ReadOnlySpan<byte> Version => "HPKE-v1"u8;

    /// <summary>LabeledExtract(salt, label, ikm); the 32 bytes of <paramref name="prk"/> may overlap the input.</summary>
    [SkipLocalsInit]
    internal static void Extract(
        CryptoBackend backend, ReadOnlySpan<byte> suiteId, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        int size = Version.Length + suiteId.Length + label.Length + ikm.Length;
        Span<byte> message = size <= StackSize ? stackalloc byte[StackSize] : new byte[size];
        message = message[..size];
        Fill(message, suiteId, label, ikm);
        Hkdf.Extract(backend, salt, message, prk);
        CryptographicOperations.ZeroMemory(message);
    }

    /// <summary>LabeledExpand(prk, label, info, L) where L is the length of <paramref name="okm"/>.</summary>
    [SkipLocalsInit]
    internal static void Expand(
        CryptoBackend backend, ReadOnlySpan<byte> suiteId, ref HmacKey prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> okm)
    {
        int size = sizeof(ushort) + Version.Length + suiteId.Length + label.Length + info.Length;
        Span<byte> labeled = size <= StackSize ? stackalloc byte[StackSize] : new byte[size];
        labeled = labeled[..size];
        BinaryPrimitives.WriteUInt16BigEndian(labeled, checked((ushort)okm.Length));
        Fill(labeled[sizeof(ushort)..], suiteId, label, info);
        Hkdf.Expand(backend, ref prk, labeled, okm);
    }

    private static void Fill(Span<byte> destination, ReadOnlySpan<byte> suiteId, ReadOnlySpan<byte> label, ReadOnlySpan<byte> rest)
    {
        Version.CopyTo(destination);
        destination = destination[Version.Length..];
        suiteId.CopyTo(destination);
        destination = destination[suiteId.Length..];
        label.CopyTo(destination);
        rest.CopyTo(destination[label.Length..]);
    }
}

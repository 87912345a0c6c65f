using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Veil.KeyLifecycle;

namespace Veil.KeyStore;

/// <summary>
/// One key at rest: <c>"veilkey1"(8) | serial(8) | announced(8) | active from(8) | nonce(12) | tag(16) | ciphertext</c>, integers
/// big-endian, times in Unix seconds. AES-256-GCM; the first 32 bytes and the kind of key are authenticated, so that no key is moved to
/// another ring, renumbered or given other times.
/// </summary>
internal static class WrappedKey
{
    private const int HeaderSize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = HeaderSize + NonceSize + TagSize;

    private static ReadOnlySpan<byte> Magic => "veilkey1"u8;

    public static byte[] Wrap(WrappingKey wrappingKey, string kind, KeyEntry entry, ReadOnlySpan<byte> material)
    {
        byte[] file = new byte[Overhead + material.Length];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(8), entry.Serial);
        BinaryPrimitives.WriteInt64BigEndian(file.AsSpan(16), entry.AnnouncedAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64BigEndian(file.AsSpan(24), entry.ActiveFrom.ToUnixTimeSeconds());
        Span<byte> nonce = file.AsSpan(HeaderSize, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        wrappingKey.Encrypt(nonce, material, file.AsSpan(Overhead), file.AsSpan(HeaderSize + NonceSize, TagSize), Associated(file, kind));
        return file;
    }

    /// <summary>The entry without the material: what listing needs no wrapping key for. Not authenticated.</summary>
    public static bool TryReadEntry(ReadOnlySpan<byte> file, out KeyEntry? entry)
    {
        entry = null;
        if (file.Length < Overhead || !file.StartsWith(Magic))
            return false;

        ulong serial = BinaryPrimitives.ReadUInt64BigEndian(file[8..]);
        if (serial == 0
            || !TryReadTime(file[16..], out DateTimeOffset announcedAt)
            || !TryReadTime(file[24..], out DateTimeOffset activeFrom))
        {
            return false;
        }

        entry = new KeyEntry(serial, announcedAt, activeFrom);
        return true;
    }

    public static bool TryUnwrap(WrappingKey wrappingKey, string kind, ReadOnlySpan<byte> file, Span<byte> material)
    {
        return wrappingKey.TryDecrypt(
            file.Slice(HeaderSize, NonceSize), file[Overhead..], file.Slice(HeaderSize + NonceSize, TagSize), material, Associated(file, kind));
    }

    public static int MaterialSize(ReadOnlySpan<byte> file) => file.Length - Overhead;

    private static bool TryReadTime(ReadOnlySpan<byte> source, out DateTimeOffset time)
    {
        long seconds = BinaryPrimitives.ReadInt64BigEndian(source);
        bool representable = seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        time = representable ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return representable;
    }

    private static byte[] Associated(ReadOnlySpan<byte> file, string kind) => [.. file[..HeaderSize], .. Encoding.UTF8.GetBytes(kind)];
}

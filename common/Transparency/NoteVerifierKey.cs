using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Veil.Crypto;

namespace Veil.Transparency;

/// <summary>
/// A key that verifies signatures of notes (C2SP signed-note): <c>name+hash+base64(type || key)</c>, with <c>hash = SHA-256(name || 0a || type || key)[0:4]</c> in hex.
/// </summary>
public sealed class NoteVerifierKey
{
    /// <summary>Bytes of a key id.</summary>
    public const int IdSize = 4;

    /// <summary>Longest name in characters: a host with a path.</summary>
    public const int MaxNameLength = 255;

    private readonly Ed25519PublicKey _key;

    /// <summary>Names a key.</summary>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public NoteVerifierKey(string name, NoteKeyType type, Ed25519PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!IsName(name))
            throw new ArgumentException("A key's name is not empty and holds no white space and no '+'.", nameof(name));
        Name = name;
        Type = type;
        _key = key;
        Id = MakeId(name, type, key.Encoded.Span);
    }

    /// <summary>Whose key it is.</summary>
    public string Name { get; }

    /// <summary>What its signatures are over.</summary>
    public NoteKeyType Type { get; }

    /// <summary>The four bytes by which a signature names it.</summary>
    public ReadOnlyMemory<byte> Id { get; }

    /// <summary>The key's 32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey => _key.Encoded;

    /// <summary>Reads the text form; another hash than the name's and key's own, and types that this code does not verify, are refused.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteVerifierKey? key)
    {
        ArgumentNullException.ThrowIfNull(text);
        key = null;

        // A name holds no '+', but base64 may: only the first two part.
        string[] parts = text.Split('+', 3);
        Span<byte> encoded = stackalloc byte[1 + Ed25519PublicKey.Size];
        if (parts.Length is not 3 || !IsName(parts[0]) || parts[1].Length is not 2 * IdSize
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id)
            || !Convert.TryFromBase64String(parts[2], encoded, out int written) || written != encoded.Length
            || (NoteKeyType)encoded[0] is not (NoteKeyType.Ed25519 or NoteKeyType.Cosignature))
        {
            return false;
        }

        NoteVerifierKey found = new(parts[0], (NoteKeyType)encoded[0], new Ed25519PublicKey(encoded[1..]));
        key = BinaryPrimitives.ReadUInt32BigEndian(found.Id.Span) == id ? found : null;
        return key is not null;
    }

    /// <summary>True for what may name a key.</summary>
    public static bool IsName(string name) => name is { Length: > 0 and <= MaxNameLength } && !name.Any(character => character is '+' || char.IsWhiteSpace(character) || char.IsControl(character));

    /// <summary>The text form.</summary>
    public override string ToString() => $"{Name}+{Convert.ToHexStringLower(Id.Span)}+{Convert.ToBase64String([(byte)Type, .. PublicKey.Span])}";

    /// <summary>Verifies a signature blob, the time of a cosignature included.</summary>
    /// <param name="text">The note's text.</param>
    /// <param name="blob">Untrusted: what follows the key id.</param>
    /// <param name="time">POSIX seconds of a cosignature; 0 for other types.</param>
    internal bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> blob, out long time)
    {
        time = 0;
        if (Type is NoteKeyType.Ed25519)
            return _key.Verify(text, blob);
        if (blob.Length != sizeof(ulong) + Ed25519PublicKey.SignatureSize)
            return false;

        ulong stamp = BinaryPrimitives.ReadUInt64BigEndian(blob);
        time = stamp <= long.MaxValue ? (long)stamp : 0;
        return stamp <= long.MaxValue && _key.Verify(CosignedMessage(time, text), blob[sizeof(ulong)..]);
    }

    /// <summary>What a witness signs.</summary>
    internal static byte[] CosignedMessage(long time, ReadOnlySpan<byte> checkpoint) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n")), .. checkpoint];

    private static byte[] MakeId(string name, NoteKeyType type, ReadOnlySpan<byte> key) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0x0A, (byte)type, .. key])[..IdSize];
}

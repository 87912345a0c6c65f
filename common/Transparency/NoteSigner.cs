using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Veil.Crypto;

namespace Veil.Transparency;

/// <summary>
/// A key that signs notes. Its text form is <c>PRIVATE+KEY+name+hash+base64(type || seed)</c>, as the note tools of Go write it: keep it in a file that only its user reads.
/// </summary>
public sealed class NoteSigner : IDisposable
{
    private const string Prefix = "PRIVATE+KEY+";
    private readonly Ed25519PrivateKey _key;

    private NoteSigner(string name, NoteKeyType type, Ed25519PrivateKey key)
    {
        _key = key;
        VerifierKey = new NoteVerifierKey(name, type, key.PublicKey);
    }

    /// <summary>What verifies its signatures.</summary>
    public NoteVerifierKey VerifierKey { get; }

    /// <summary>Makes a key.</summary>
    public static NoteSigner Generate(string name, NoteKeyType type) => new(name, type, Ed25519PrivateKey.Generate());

    /// <summary>Takes a key.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="type">What it signs.</param>
    /// <param name="seed">32 bytes; the caller erases them.</param>
    public static NoteSigner Import(string name, NoteKeyType type, ReadOnlySpan<byte> seed) => new(name, type, Ed25519PrivateKey.Import(seed));

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteSigner? signer)
    {
        ArgumentNullException.ThrowIfNull(text);
        signer = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].Split('+', 3) is not [{ } name, { } id, { } encoded] || !NoteVerifierKey.IsName(name))
            return false;

        Span<byte> bytes = stackalloc byte[1 + Ed25519PrivateKey.SeedSize];
        try
        {
            if (!Convert.TryFromBase64String(encoded, bytes, out int written) || written != bytes.Length
                || (NoteKeyType)bytes[0] is not (NoteKeyType.Ed25519 or NoteKeyType.Cosignature))
            {
                return false;
            }

            NoteSigner found = Import(name, (NoteKeyType)bytes[0], bytes[1..]);
            if (!Convert.ToHexStringLower(found.VerifierKey.Id.Span).Equals(id, StringComparison.OrdinalIgnoreCase))
            {
                found.Dispose();
                return false;
            }

            signer = found;
            return true;
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The text form, a secret.</summary>
    public string Export()
    {
        Span<byte> bytes = stackalloc byte[1 + Ed25519PrivateKey.SeedSize];
        bytes[0] = (byte)VerifierKey.Type;
        _key.Export(bytes[1..]);
        string text = $"{Prefix}{VerifierKey.Name}+{Convert.ToHexStringLower(VerifierKey.Id.Span)}+{Convert.ToBase64String(bytes)}";
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    /// <summary>Signs a text with a key of type <see cref="NoteKeyType.Ed25519"/>: the whole note, text and signature line.</summary>
    /// <param name="text">Ends with a line end.</param>
    /// <exception cref="InvalidOperationException">The key is a witness's.</exception>
    public byte[] Sign(ReadOnlySpan<byte> text) => [.. text, (byte)'\n', .. SignatureLine(text)];

    /// <summary>The signature line over a text.</summary>
    /// <exception cref="InvalidOperationException">The key is a witness's.</exception>
    public byte[] SignatureLine(ReadOnlySpan<byte> text) => VerifierKey.Type is NoteKeyType.Ed25519
        ? Line(_key.Sign(text))
        : throw new InvalidOperationException("A witness's key signs checkpoints, with a time.");

    /// <summary>The cosignature line of a witness over a checkpoint's text.</summary>
    /// <exception cref="InvalidOperationException">The key is no witness's.</exception>
    public byte[] CosignatureLine(ReadOnlySpan<byte> checkpoint, DateTimeOffset time)
    {
        if (VerifierKey.Type is not NoteKeyType.Cosignature)
            throw new InvalidOperationException("This key signs texts, without a time.");

        long seconds = time.ToUnixTimeSeconds();
        Span<byte> stamp = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(stamp, seconds);
        return Line([.. stamp, .. _key.Sign(NoteVerifierKey.CosignedMessage(seconds, checkpoint))]);
    }

    /// <summary>libcrypto erases the key.</summary>
    public void Dispose() => _key.Dispose();

    private byte[] Line(ReadOnlySpan<byte> blob) =>
        Encoding.UTF8.GetBytes($"\u2014 {VerifierKey.Name} {Convert.ToBase64String([.. VerifierKey.Id.Span, .. blob])}\n");
}

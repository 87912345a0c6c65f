using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.Attestation;

/// <summary>
/// Remembers which signatures over certificates, revocation lists and collateral were verified, so that hosts of one fleet cost their chain once. An entry says
/// that these exact bytes are signed by this exact key, which is true for ever; validity, revocation and policy are asked anew each time. It also keeps
/// keys loaded and documents parsed, which are as untrusted as their bytes. Thread-safe.
/// </summary>
public sealed class VerifiedSignatures
{
    /// <summary>Most signatures that are remembered, 32 bytes each: a chain of three and a list for each of a thousand chips. The oldest goes first.</summary>
    public const int Capacity = 4096;

    private const int MaxKeys = 1024;

    /// <summary>Most parsed documents: those of fifty machines that share none; with the largest ones 20 MiB.</summary>
    private const int MaxDocuments = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<(UInt128 High, UInt128 Low), EndorsementKey> _keys = [];
    private readonly Dictionary<(Type Type, (UInt128 High, UInt128 Low) Digest), object> _documents = [];
    private readonly HashSet<(UInt128 High, UInt128 Low)> _known = [];
    private readonly Queue<(UInt128 High, UInt128 Low)> _order = new();

    /// <summary>A way to verify a signature over data by the key of a SubjectPublicKeyInfo.</summary>
    internal delegate bool Verifier(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _known.Count;
            }
        }
    }

    /// <summary>Verifies, or recalls that it was verified; failures are never remembered.</summary>
    internal bool Verify(Verifier verifier, ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        (UInt128 High, UInt128 Low) key = KeyOf(spki, data, signature);
        lock (_lock)
        {
            if (_known.Contains(key))
            {
                return true;
            }
        }

        if (!verifier(spki, data, signature))
        {
            return false;
        }

        lock (_lock)
        {
            if (_known.Add(key))
            {
                _order.Enqueue(key);
            }

            if (_order.Count > Capacity)
            {
                _known.Remove(_order.Dequeue());
            }
        }

        return true;
    }

    /// <summary>The key of an endorsement certificate; null where it holds none.</summary>
    /// <param name="certificate">Whose key it is; who signed it is another question.</param>
    internal EndorsementKey? Load(ParsedCertificate certificate)
    {
        (UInt128 High, UInt128 Low) name = KeyOf(certificate.Spki.Span, default, default);
        lock (_lock)
        {
            if (_keys.TryGetValue(name, out EndorsementKey? known))
            {
                return known;
            }
        }

        return Keep(name, EndorsementKey.Load(certificate));
    }

    /// <summary>A bare key of P-256; null for what is no point of it.</summary>
    /// <param name="point">x || y, 32 bytes each; untrusted.</param>
    internal EndorsementKey? LoadPoint(ReadOnlySpan<byte> point)
    {
        (UInt128 High, UInt128 Low) name = KeyOf(default, point, default);
        lock (_lock)
        {
            if (_keys.TryGetValue(name, out EndorsementKey? known))
            {
                return known;
            }
        }

        return Keep(name, EndorsementKey.LoadPoint(point));
    }

    /// <summary>Parses bytes, or recalls what they parse to; failures are never remembered.</summary>
    /// <param name="source">Untrusted; what is remembered may keep slices of it.</param>
    /// <param name="parse">Depends on the bytes alone and gives something that cannot change.</param>
    internal T? Parse<T>(ReadOnlyMemory<byte> source, Func<ReadOnlyMemory<byte>, T?> parse)
        where T : class
    {
        (Type Type, (UInt128 High, UInt128 Low) Digest) name = (typeof(T), KeyOf(default, source.Span, default));
        lock (_lock)
        {
            if (_documents.TryGetValue(name, out object? known))
            {
                return (T)known;
            }
        }

        T? parsed = parse(source);
        if (parsed is null)
        {
            return null;
        }

        lock (_lock)
        {
            if (_documents.Count >= MaxDocuments)
            {
                _documents.Clear();
            }

            _documents[name] = parsed;
        }

        return parsed;
    }

    private EndorsementKey? Keep((UInt128 High, UInt128 Low) name, EndorsementKey? key)
    {
        if (key is null)
        {
            return null;
        }

        lock (_lock)
        {
            // Fleets are far smaller; starting over costs one load for each key.
            if (_keys.Count >= MaxKeys)
            {
                _keys.Clear();
            }

            _keys[name] = key;
        }

        return key;
    }

    /// <summary>SHA-256 over the three, each after its length.</summary>
    private static (UInt128 High, UInt128 Low) KeyOf(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> lengths = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(lengths, spki.Length);
        BinaryPrimitives.WriteInt32BigEndian(lengths[4..], data.Length);
        BinaryPrimitives.WriteInt32BigEndian(lengths[8..], signature.Length);
        hash.AppendData(lengths);
        hash.AppendData(spki);
        hash.AppendData(data);
        hash.AppendData(signature);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return (BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }
}

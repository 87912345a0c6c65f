namespace Veil.Attestation;

/// <summary>
/// Remembers which signatures over certificates, revocation lists and collateral were verified, so that hosts of one fleet cost their chain once. An entry says
/// that these exact bytes are signed by this exact key, which is true for ever; validity, revocation and policy are asked anew each time. It also keeps
/// keys loaded and documents parsed, which are as untrusted as their bytes. Thread-safe.
/// </summary>
public sealed class VerifiedSignatures
{
    /// <summary>Most signatures that are remembered, some hundred bytes each: a chain of three and a list for each of a thousand chips. The oldest goes first.</summary>
    public const int Capacity = 4096;

    private const int MaxKeys = 1024;

    /// <summary>Most parsed documents: those of fifty machines that share none; with the largest ones 20 MiB.</summary>
    private const int MaxDocuments = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<ContentDigest, EndorsementKey> _keys = [];
    private readonly Dictionary<(Type Type, ContentDigest Content), object> _documents = [];
    private readonly HashSet<(ContentDigest Key, ContentDigest Signed)> _known = [];
    private readonly Queue<(ContentDigest Key, ContentDigest Signed)> _order = new();

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
    /// <param name="signer">Whose key it is; who signed that certificate is another question.</param>
    /// <param name="signed">What it signed.</param>
    /// <param name="verify">Says whether a key may sign such a thing, and did.</param>
    internal bool Verify(ParsedCertificate signer, SignedPart signed, Func<EndorsementKey, SignedPart, bool> verify)
    {
        (ContentDigest Key, ContentDigest Signed) name = (signer.KeyDigest, signed.Digest);
        lock (_lock)
        {
            if (_known.Contains(name))
            {
                return true;
            }
        }

        if (Load(signer) is not { } key || !verify(key, signed))
        {
            return false;
        }

        lock (_lock)
        {
            if (_known.Add(name))
            {
                _order.Enqueue(name);
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
        ContentDigest name = certificate.KeyDigest;
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
        // A SubjectPublicKeyInfo is longer than a point, so that the two never share a name.
        var name = ContentDigest.Of(point);
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
        (Type Type, ContentDigest Content) name = (typeof(T), ContentDigest.Of(source.Span));
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

    private EndorsementKey? Keep(ContentDigest name, EndorsementKey? key)
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
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Transparency.Epochs;

/// <summary>
/// Everything that the clients of one authority rely on during one epoch, by hash: the complete current set, so that absence is revocation. The entry at index
/// <em>n</em> of the authority's log is the head of epoch <em>n</em>: a signed note of the authority's key over this one line of JSON,
/// <code>
/// {"v":1,"epoch":n,"keys":b64,"issuer":b64,"challenge":b64,"policy":b64,"releases":b64,"fleet_total":n,"fleet_root":b64}
/// </code>
/// where b64 is padded base64 of a SHA-256. There is one encoding; any other spelling of the same values is refused.
/// </summary>
public sealed record EpochHead
{
    /// <summary>Longest line in bytes: seven members of fixed size and three numbers take less than 500.</summary>
    public const int MaxSize = 1024;

    /// <summary>Most hosts of a fleet: far beyond any, and an index still fits an <see cref="int"/>.</summary>
    public const long MaxFleet = 1 << 24;

    private const int HashSize = 32;
    private const int Version = 1;

    /// <summary>The epoch, and the index of the entry.</summary>
    public required long Epoch { get; init; }

    /// <summary>SHA-256 of the OHTTP keys document.</summary>
    public required ReadOnlyMemory<byte> Keys { get; init; }

    /// <summary>SHA-256 of the issuer directory; of no bytes where no service asks for a token.</summary>
    public required ReadOnlyMemory<byte> Issuer { get; init; }

    /// <summary>SHA-256 of the one token challenge; of no bytes where no service asks for a token.</summary>
    public required ReadOnlyMemory<byte> Challenge { get; init; }

    /// <summary>SHA-256 of the policy document.</summary>
    public required ReadOnlyMemory<byte> Policy { get; init; }

    /// <summary>SHA-256 of the releases document.</summary>
    public required ReadOnlyMemory<byte> Releases { get; init; }

    /// <summary>How many hosts the fleet has.</summary>
    public required long FleetTotal { get; init; }

    /// <summary>The root of the tree over the hosts' claims, <see cref="FleetTree"/>.</summary>
    public required ReadOnlyMemory<byte> FleetRoot { get; init; }

    /// <summary>True when another epoch's head names the very same documents; fleets differ by epoch in any case.</summary>
    public bool NamesTheSameAs(EpochHead other) =>
        NamesTheSameAs(other, ElderRole.Announcing) && NamesTheSameAs(other, ElderRole.Maturing) && Challenge.Span.SequenceEqual(other.Challenge.Span);

    /// <summary>True when another epoch's head names the very same of what an older head is asked for.</summary>
    public bool NamesTheSameAs(EpochHead other, ElderRole role)
    {
        ArgumentNullException.ThrowIfNull(other);
        return role is ElderRole.Announcing
            ? Keys.Span.SequenceEqual(other.Keys.Span) && Issuer.Span.SequenceEqual(other.Issuer.Span)
            : Policy.Span.SequenceEqual(other.Policy.Span) && Releases.Span.SequenceEqual(other.Releases.Span);
    }

    /// <summary>The one line, without its end.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteNumber("epoch"u8, Epoch);
            json.WriteBase64String("keys"u8, Keys.Span);
            json.WriteBase64String("issuer"u8, Issuer.Span);
            json.WriteBase64String("challenge"u8, Challenge.Span);
            json.WriteBase64String("policy"u8, Policy.Span);
            json.WriteBase64String("releases"u8, Releases.Span);
            json.WriteNumber("fleet_total"u8, FleetTotal);
            json.WriteBase64String("fleet_root"u8, FleetRoot.Span);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads one line.</summary>
    /// <param name="line">Untrusted, without its end.</param>
    /// <param name="head">The head.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out EpochHead? head)
    {
        head = line.Length <= MaxSize ? Read(line) : null;

        // JSON has many spellings of one value, and this format one: hashes of heads must not depend on who wrote them.
        if (head is not null && !line.SequenceEqual(head.Write()))
        {
            head = null;
        }

        return head is not null;
    }

    private static EpochHead? Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 2 });
        try
        {
            if (!JsonElement.TryParseValue(ref reader, out JsonElement? parsed) || parsed is not { ValueKind: JsonValueKind.Object } root
                || !TryNumber(root, "v", Version, out long version) || version != Version
                || !TryNumber(root, "epoch", long.MaxValue, out long epoch)
                || !TryHash(root, "keys", out byte[]? keys)
                || !TryHash(root, "issuer", out byte[]? issuer)
                || !TryHash(root, "challenge", out byte[]? challenge)
                || !TryHash(root, "policy", out byte[]? policy)
                || !TryHash(root, "releases", out byte[]? releases)
                || !TryNumber(root, "fleet_total", MaxFleet, out long fleetTotal)
                || !TryHash(root, "fleet_root", out byte[]? fleetRoot))
            {
                return null;
            }

            return new()
            {
                Epoch = epoch,
                Keys = keys,
                Issuer = issuer,
                Challenge = challenge,
                Policy = policy,
                Releases = releases,
                FleetTotal = fleetTotal,
                FleetRoot = fleetRoot,
            };
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string holds half of a surrogate pair.
            return null;
        }
    }

    private static bool TryNumber(JsonElement root, string name, long most, out long number)
    {
        number = 0;
        return root.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.Number
            && element.TryGetInt64(out number) && number >= 0 && number <= most;
    }

    private static bool TryHash(JsonElement root, string name, [NotNullWhen(true)] out byte[]? hash)
    {
        hash = null;
        return root.TryGetProperty(name, out JsonElement element) && element.ValueKind is JsonValueKind.String
            && element.TryGetBytesFromBase64(out hash) && hash.Length is HashSize;
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.ClientCli.Log;

/// <summary>What a file from a log proves under a trust bundle, or the first rule that it breaks.</summary>
internal sealed record LogVerdict
{
    private LogVerdict(string kind, string error)
    {
        Kind = kind;
        Error = error;
    }

    /// <summary>What the file is: an epoch package, a tlog-proof or a checkpoint.</summary>
    public string Kind { get; }

    /// <summary>The broken rule, by the name of its <see cref="EpochError"/>; empty for none.</summary>
    public string Error { get; }

    public bool IsVerified => Error.Length is 0;

    /// <summary>The witnessed checkpoint.</summary>
    public Checkpoint? Checkpoint { get; private init; }

    /// <summary>The time that the witnesses vouch for.</summary>
    public DateTimeOffset? WitnessedAt { get; private init; }

    /// <summary>The entry's place in the log.</summary>
    public long? Index { get; private init; }

    /// <summary>The epoch's head.</summary>
    public EpochHead? Head { get; private init; }

    /// <summary>Judges a file by what it is.</summary>
    /// <param name="file">Untrusted.</param>
    /// <param name="entry">The entry of a tlog-proof; null when none was given.</param>
    /// <param name="bundle">Whom to trust.</param>
    /// <param name="now">This machine's time.</param>
    /// <param name="clockTolerance">How far it may be off.</param>
    public static LogVerdict Judge(byte[] file, byte[]? entry, TrustBundle bundle, DateTimeOffset now, TimeSpan clockTolerance)
    {
        // Neither a note nor a proof begins with a byte below 0x20, and a package always does.
        if (file is [< 0x20, ..])
        {
            return JudgePackage(file, bundle, now, clockTolerance);
        }

        return TlogProof.TryParse(file, out TlogProof? proof) ? JudgeProof(proof, entry, bundle) : JudgeCheckpoint(file, bundle);
    }

    /// <summary>Lines for people.</summary>
    public string ToText()
    {
        var lines = new List<string> { IsVerified ? $"{Kind}: verified" : $"{Kind}: refused: {Error}" };
        if (Checkpoint is { } checkpoint)
        {
            lines.Add($"log         {checkpoint.Origin}, {checkpoint.Size.ToString(CultureInfo.InvariantCulture)} entries");
            lines.Add($"root        {Convert.ToBase64String(checkpoint.Root.Span)}");
        }

        if (WitnessedAt is { } time)
        {
            lines.Add($"witnessed   {Time(time)}");
        }

        if (Index is { } index)
        {
            lines.Add($"entry       {index.ToString(CultureInfo.InvariantCulture)}");
        }

        if (Head is { } head)
        {
            lines.Add($"epoch       {head.Epoch.ToString(CultureInfo.InvariantCulture)}, a fleet of {head.FleetTotal.ToString(CultureInfo.InvariantCulture)}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>One line of JSON.</summary>
    public string ToJson()
    {
        var json = new JsonObject { ["kind"] = Kind, ["verified"] = IsVerified };
        if (!IsVerified)
        {
            json["error"] = Error;
        }

        if (Checkpoint is { } checkpoint)
        {
            json["origin"] = checkpoint.Origin;
            json["size"] = checkpoint.Size;
            json["root"] = Convert.ToBase64String(checkpoint.Root.Span);
        }

        if (WitnessedAt is { } time)
        {
            json["witnessed_at"] = Time(time);
        }

        if (Index is { } index)
        {
            json["index"] = index;
        }

        if (Head is { } head)
        {
            json["head"] = JsonNode.Parse(head.Write());
        }

        return json.ToJsonString(JsonSerializerOptions.Default);
    }

    private static LogVerdict JudgePackage(byte[] file, TrustBundle bundle, DateTimeOffset now, TimeSpan clockTolerance)
    {
        const string kind = "epoch package";
        if (!EpochPackage.TryParse(file, out EpochPackage? package))
        {
            return new(kind, nameof(EpochError.Malformed));
        }

        return WitnessedEpoch.TryVerify(package, bundle, now, clockTolerance, out WitnessedEpoch? epoch, out EpochError error)
            ? new(kind, "") { Checkpoint = epoch.Checkpoint, WitnessedAt = epoch.WitnessedAt, Index = epoch.Head.Epoch, Head = epoch.Head }
            : new(kind, error.ToString());
    }

    private static LogVerdict JudgeProof(TlogProof proof, byte[]? entry, TrustBundle bundle)
    {
        const string kind = "tlog-proof";
        if (!bundle.Witnessing.TryVerify(proof.Checkpoint.Span, out WitnessedCheckpoint? witnessed))
        {
            return new(kind, nameof(EpochError.NotWitnessed));
        }

        // Without the entry there is nothing that the proof could be of.
        if (entry is null)
        {
            return new(kind, "no entry was given (--entry)");
        }

        return new(kind, proof.Proves(MerkleTree.LeafHash(entry), witnessed.Checkpoint) ? "" : nameof(EpochError.NotInLog))
        {
            Checkpoint = witnessed.Checkpoint,
            WitnessedAt = witnessed.WitnessedAt,
            Index = proof.Index,
        };
    }

    private static LogVerdict JudgeCheckpoint(byte[] file, TrustBundle bundle) => bundle.Witnessing.TryVerify(file, out WitnessedCheckpoint? witnessed)
        ? new("checkpoint", "") { Checkpoint = witnessed.Checkpoint, WitnessedAt = witnessed.WitnessedAt }
        : new("checkpoint", nameof(EpochError.NotWitnessed));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

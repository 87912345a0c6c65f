using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Attestation.Tdx;

/// <summary>Intel's identity of the quoting enclave for TDs, version 2.</summary>
internal sealed class QeIdentity
{
    /// <summary>Media type of the whole signed document as an endorsement.</summary>
    public const string MediaType = TdxMediaTypes.EnclaveIdentity;

    private QeIdentity(SignedCollateral collateral) => Collateral = collateral;

    /// <summary>The bytes and their signature.</summary>
    public SignedCollateral Collateral { get; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset IssueDate { get; init; }

    /// <summary>Until when it counts.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>Counts Intel's recoveries.</summary>
    public required uint EvaluationNumber { get; init; }

    /// <summary>Levels, descending.</summary>
    public required IReadOnlyList<SvnLevel> Levels { get; init; }

    private byte[] MiscSelect { get; init; } = [];

    private byte[] MiscSelectMask { get; init; } = [];

    private byte[] Attributes { get; init; } = [];

    private byte[] AttributesMask { get; init; } = [];

    private byte[] Signer { get; init; } = [];

    private uint ProductId { get; init; }

    /// <summary>True when the report is by this enclave, of whatever level. The attributes' mask excludes debugging.</summary>
    public bool Matches(EnclaveReport report) =>
        report.Signer.SequenceEqual(Signer) && report.ProductId == ProductId
        && Masked.Equals(report.MiscSelect, MiscSelectMask, MiscSelect) && Masked.Equals(report.Attributes, AttributesMask, Attributes);

    /// <summary>What the report's level means; null for one below all.</summary>
    public TcbOutcome? OutcomeOf(EnclaveReport report) => Levels.FirstOrDefault(level => level.Svn <= report.Svn)?.Outcome;

    /// <summary>Reads one signed document.</summary>
    /// <param name="source">Untrusted.</param>
    /// <param name="identity">The identity; its signature was not looked at.</param>
    /// <param name="found">What was wrong, for people.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out QeIdentity? identity, out string found)
    {
        identity = null;
        found = "malformed";
        if (!SignedCollateral.TryParse(source, "enclaveIdentity", out SignedCollateral? collateral))
        {
            return false;
        }

        try
        {
            using JsonDocument document = collateral.Open();
            identity = Read(document.RootElement, collateral, ref found);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The readers' ways to say that the bytes are not JSON, or that a text in it is not Unicode.
        }

        return identity is not null;
    }

    private static QeIdentity? Read(JsonElement root, SignedCollateral collateral, ref string found)
    {
        var reader = new CollateralObject();
        string kind = $"{reader.Text(root, "id")} version {reader.Number(root, "version", byte.MaxValue)}";
        if (reader.Failed || kind != "TD_QE version 2")
        {
            found = reader.Failed ? found : kind;
            return null;
        }

        var identity = new QeIdentity(collateral)
        {
            IssueDate = reader.Time(root, "issueDate"),
            NextUpdate = reader.Time(root, "nextUpdate"),
            EvaluationNumber = reader.Number(root, "tcbEvaluationDataNumber", int.MaxValue),
            MiscSelect = reader.Bytes(root, "miscselect", 4),
            MiscSelectMask = reader.Bytes(root, "miscselectMask", 4),
            Attributes = reader.Bytes(root, "attributes", 16),
            AttributesMask = reader.Bytes(root, "attributesMask", 16),
            Signer = reader.Bytes(root, "mrsigner", 32),
            ProductId = reader.Number(root, "isvprodid", ushort.MaxValue),
            Levels = reader.SvnLevels(root),
        };
        return reader.Failed ? null : identity;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.Attestation.Tdx;

/// <summary>Intel's TCB info for TDX, version 3: which levels of a kind of platform have which status.</summary>
internal sealed class TcbInfo
{
    /// <summary>Media type of the whole signed document as an endorsement.</summary>
    public const string MediaType = TdxMediaTypes.TcbInfo;

    private const int Components = 16;

    private TcbInfo(SignedCollateral collateral) => Collateral = collateral;

    /// <summary>The bytes and their signature.</summary>
    public SignedCollateral Collateral { get; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset IssueDate { get; init; }

    /// <summary>Until when it counts.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>The kind of platform, 6 bytes.</summary>
    public required byte[] Fmspc { get; init; }

    /// <summary>The provisioning enclave, 2 bytes.</summary>
    public required byte[] PceId { get; init; }

    /// <summary>Counts Intel's recoveries; a lower one than seen before is a rollback.</summary>
    public required uint EvaluationNumber { get; init; }

    /// <summary>The module of version 0.</summary>
    public required TdxModuleIdentity Module { get; init; }

    /// <summary>Modules of other versions.</summary>
    public required IReadOnlyList<TdxModuleIdentity> Modules { get; init; }

    /// <summary>Levels in Intel's order, the best first.</summary>
    public required IReadOnlyList<TcbLevel> Levels { get; init; }

    /// <summary>Reads one signed document.</summary>
    /// <param name="source">Untrusted.</param>
    /// <param name="info">The info; its signature was not looked at.</param>
    /// <param name="found">What was wrong, for people.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out TcbInfo? info, out string found)
    {
        info = null;
        found = "malformed";
        if (!SignedCollateral.TryParse(source, "tcbInfo", out SignedCollateral? collateral))
        {
            return false;
        }

        try
        {
            using JsonDocument document = collateral.Open();
            info = Read(document.RootElement, collateral, ref found);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The readers' ways to say that the bytes are not JSON, or that a text in it is not Unicode.
        }

        return info is not null;
    }

    private static TcbInfo? Read(JsonElement root, SignedCollateral collateral, ref string found)
    {
        var reader = new CollateralObject();
        string kind = $"{reader.Text(root, "id")} version {reader.Number(root, "version", byte.MaxValue)}, type {reader.Number(root, "tcbType", byte.MaxValue)}";
        if (reader.Failed || kind != "TDX version 3, type 0")
        {
            found = reader.Failed ? found : kind;
            return null;
        }

        var info = new TcbInfo(collateral)
        {
            IssueDate = reader.Time(root, "issueDate"),
            NextUpdate = reader.Time(root, "nextUpdate"),
            Fmspc = reader.Bytes(root, "fmspc", 6),
            PceId = reader.Bytes(root, "pceId", 2),
            EvaluationNumber = reader.Number(root, "tcbEvaluationDataNumber", int.MaxValue),
            Module = ReadModule(reader.Object(root, "tdxModule"), string.Empty, reader),
            Modules = [.. reader.List(root, "tdxModuleIdentities", optional: true).Select(module => ReadModule(module, reader.Text(module, "id"), reader))],
            Levels = [.. reader.List(root, "tcbLevels").Select(level => ReadLevel(level, reader))],
        };
        return reader.Failed || info.Modules.DistinctBy(module => module.Id.ToUpperInvariant()).Count() != info.Modules.Count ? null : info;
    }

    private static TdxModuleIdentity ReadModule(JsonElement module, string id, CollateralObject reader) => new(
        id,
        reader.Bytes(module, "mrsigner", TdReport.MeasurementSize),
        reader.Bytes(module, "attributes", 8),
        reader.Bytes(module, "attributesMask", 8),
        id.Length == 0 ? [] : reader.SvnLevels(module));

    private static TcbLevel ReadLevel(JsonElement level, CollateralObject reader)
    {
        JsonElement tcb = reader.Object(level, "tcb");
        return new(
            ReadComponents(tcb, "sgxtcbcomponents", reader), (ushort)reader.Number(tcb, "pcesvn", ushort.MaxValue), ReadComponents(tcb, "tdxtcbcomponents", reader), reader.Outcome(level));
    }

    private static byte[] ReadComponents(JsonElement tcb, string name, CollateralObject reader)
    {
        byte[] levels = [.. reader.List(tcb, name).Select(component => (byte)reader.Number(component, "svn", byte.MaxValue))];
        return levels.Length == Components ? levels : [.. Enumerable.Repeat(byte.MaxValue, Components)];
    }
}

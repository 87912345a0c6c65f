using System.Text.Json;

namespace Veil.Proofs.Evidence;

/// <summary>Bytes of a part in which a turned bit may be accepted, and why: a line of <c>accepted-flips.json</c>, which lies beside this file.</summary>
/// <param name="Kind">The kind of evidence.</param>
/// <param name="Piece">The piece's id; null for all of the kind.</param>
/// <param name="Part">The part.</param>
/// <param name="From">First byte.</param>
/// <param name="To">Last byte.</param>
/// <param name="Reason">Why nothing is lost.</param>
public sealed record AcceptedFlip(string Kind, string? Piece, string Part, int From, int To, string Reason)
{
    private const string Resource = "accepted-flips.json";

    /// <summary>The committed table.</summary>
    public static IReadOnlyList<AcceptedFlip> Table { get; } = Read();

    /// <summary>True when the table allows this flip.</summary>
    public bool Covers(FlipSubject subject, int position)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return Kind == subject.Kind && (Piece is null || Piece == subject.Piece) && Part == subject.Part && From <= position && position <= To;
    }

    private static AcceptedFlip[] Read()
    {
        using Stream stream = typeof(AcceptedFlip).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize<AcceptedFlip[]>(stream, JsonSerializerOptions.Web)!;
    }
}

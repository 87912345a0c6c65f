using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>Points of P-384 by their coordinates, brought into lanes for each calculation.</summary>
internal sealed class LanePoints(P384Point[] points) : GroupElements
{
    private P384Point[]? _points = points;

    public override int Count => Points.Length;

    private P384Point[] Points => _points ?? throw new ObjectDisposedException(nameof(LanePoints));

    public override GroupElements Multiply(ReadOnlySpan<byte> scalars) => new LanePoints(LaneCalculation.Multiply(Points, scalars));

    public override void Encode(Span<byte> encodings)
    {
        foreach (P384Point point in Points)
        {
            point.WriteCompressed(encodings);
            encodings = encodings[P384Point.CompressedSize..];
        }
    }

    /// <summary>The points of all lists.</summary>
    public static LanePoints Join(ReadOnlySpan<GroupElements> lists)
    {
        var all = new List<P384Point>();
        foreach (GroupElements list in lists)
            all.AddRange(((LanePoints)list).Points);
        return new([.. all]);
    }

    /// <summary>The sum of the points, each times its weight, in a time that the weights tell; null for the point at infinity.</summary>
    public LanePoints? Combine(ReadOnlySpan<byte> weights) => LaneCalculation.Combine(Points, weights) is { } sum ? new([sum]) : null;

    /// <summary>Erases the points.</summary>
    public override void Dispose()
    {
        Array.Clear(_points ?? []);
        _points = null;
    }
}

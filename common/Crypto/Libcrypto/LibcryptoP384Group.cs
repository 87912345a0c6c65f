using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>P-384 whose points libcrypto adds and multiplies.</summary>
internal sealed class LibcryptoP384Group : P384Group
{
    /// <summary>The EC_GROUP; read-only, shared by threads, and kept until the process ends.</summary>
    private readonly nint _curve;

    private LibcryptoP384Group(nint curve)
    {
        _curve = curve;
        Generator = Take([P384Map.Generator]);
    }

    /// <summary>The one instance; null where libcrypto is absent, built without these functions, or failed its self-test.</summary>
    internal static new LibcryptoP384Group? Instance { get; } = Start();

    public override GroupElements Generator { get; }

    public override GroupElements? Combine(ReadOnlySpan<byte> weights, params ReadOnlySpan<GroupElements> lists) => P384Points.Combine(_curve, weights, lists);

    protected override GroupElements Take(P384Point[] points) => Read(points);

    protected override GroupElements Add(ReadOnlySpan<P384Point> first, ReadOnlySpan<P384Point> second)
    {
        P384Points sums = Read(first);
        using P384Points others = Read(second);
        sums.Add(others);
        return sums;
    }

    private P384Points Read(ReadOnlySpan<P384Point> values)
    {
        using var frame = BignumFrame.Start();
        Span<byte> uncompressed = stackalloc byte[P384Point.UncompressedSize];
        var points = new P384Points(_curve, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i].WriteUncompressed(uncompressed);
            points.Read(i, uncompressed, frame);
        }

        return points;
    }

    private static LibcryptoP384Group? Start()
    {
        if (!Libcrypto.IsLoaded || !Libcrypto.Has("EC_POINTs_mul") || Libcrypto.NewCurve(Libcrypto.P384) is not (not 0 and nint curve))
            return null;

        try
        {
            var group = new LibcryptoP384Group(curve);
            return VoprfSelfTest.Passes(group) ? group : null;
        }
        catch (Exception e) when (e is CryptographicException or EntryPointNotFoundException)
        {
            Libcrypto.FreeCurve(curve);
            return null;
        }
    }
}

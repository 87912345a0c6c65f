namespace Veil.Crypto;

/// <summary>Points of P-384 in libcrypto.</summary>
internal sealed unsafe class P384Points : GroupElements
{
    private readonly nint _curve;
    private readonly nint[] _points;

    /// <summary>Makes room; each point is then read or calculated by its maker, which gives the list to nobody before.</summary>
    public P384Points(nint curve, int count)
    {
        _curve = curve;
        _points = new nint[count];
        for (int i = 0; i < count; i++)
        {
            _points[i] = Libcrypto.NewPoint(curve);
            if (_points[i] == 0)
                throw new InsufficientMemoryException("libcrypto could not allocate a point.");
        }
    }

    ~P384Points() => Free();

    public override int Count => _points.Length;

    /// <summary>Puts a point in its place; libcrypto checks that it is on the curve.</summary>
    public void Read(int index, ReadOnlySpan<byte> uncompressed, BignumFrame frame)
    {
        fixed (byte* octets = uncompressed)
            BignumFrame.Check(Libcrypto.ReadPoint(_curve, _points[index], octets, (nuint)uncompressed.Length, frame.Context) == 1);
    }

    /// <summary>Adds to each point that of another list's same place.</summary>
    public void Add(P384Points others)
    {
        using var frame = BignumFrame.Start();
        for (int i = 0; i < Count; i++)
            BignumFrame.Check(Libcrypto.AddPoints(_curve, _points[i], _points[i], others._points[i], frame.Context) == 1);
        GC.KeepAlive(others);
    }

    public override GroupElements Multiply(ReadOnlySpan<byte> scalars)
    {
        ObjectDisposedException.ThrowIf(_points.Length > 0 && _points[0] == 0, this);
        using var frame = BignumFrame.Start();
        var products = new P384Points(_curve, Count);
        int size = Residue384<P384Order>.Size;
        bool same = scalars.Length == size;
        nint scalar = 0;
        for (int i = 0; i < Count; i++)
        {
            if (i == 0 || !same)
            {
                scalar = scalar == 0 ? frame.Read(scalars[..size]) : frame.Read(scalars.Slice(i * size, size), scalar);
                Libcrypto.SetNumberFlags(scalar, Libcrypto.ConstantTime);
            }

            BignumFrame.Check(Libcrypto.MultiplyPoint(_curve, products._points[i], 0, _points[i], scalar, frame.Context) == 1);
        }

        GC.KeepAlive(this);
        return products;
    }

    public override void Encode(Span<byte> encodings)
    {
        using var frame = BignumFrame.Start();
        const int size = P384Point.CompressedSize;
        fixed (byte* octets = encodings[..checked(Count * size)])
        {
            for (int i = 0; i < Count; i++)
                BignumFrame.Check(Libcrypto.WritePoint(_curve, _points[i], Libcrypto.Compressed, octets + (i * size), size, frame.Context) == size);
        }

        GC.KeepAlive(this);
    }

    /// <summary>The sum of products of public points with public scalars; null for the point at infinity.</summary>
    public static P384Points? Combine(nint curve, ReadOnlySpan<byte> weights, ReadOnlySpan<GroupElements> lists)
    {
        int size = Residue384<P384Order>.Size;
        int count = weights.Length / size;
        var points = new List<nint>(count);
        foreach (GroupElements list in lists)
            points.AddRange(((P384Points)list)._points);
        ArgumentOutOfRangeException.ThrowIfNotEqual(points.Count, count, nameof(weights));

        using var frame = BignumFrame.Start();
        var numbers = new nint[count];
        for (int i = 0; i < count; i++)
            numbers[i] = frame.Read(weights.Slice(i * size, size));

        var sum = new P384Points(curve, 1);
        fixed (nint* first = points.ToArray(), firstNumber = numbers)
            BignumFrame.Check(Libcrypto.CombinePoints(curve, sum._points[0], 0, (nuint)count, first, firstNumber, frame.Context) == 1);
        foreach (GroupElements list in lists)
            GC.KeepAlive(list);
        if (Libcrypto.IsInfinity(curve, sum._points[0]) == 0)
            return sum;

        sum.Dispose();
        return null;
    }

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        for (int i = 0; i < _points.Length; i++)
        {
            Libcrypto.FreePoint(_points[i]);
            _points[i] = 0;
        }
    }
}

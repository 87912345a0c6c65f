using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>
/// Results out of the lanes, X : Y : Z, which one inversion turns into points. The way to a point shows in its Z, so that nothing of them is left behind.
/// </summary>
internal sealed class ProjectivePoints(int count)
{
    private readonly Field[] _x = new Field[count];
    private readonly Field[] _y = new Field[count];
    private readonly Field[] _z = new Field[count];

    /// <summary>Takes over the first lanes.</summary>
    public void Store(int start, int lanes, in Point384x4 source) => source.Store(_x.AsSpan(start, lanes), _y.AsSpan(start, lanes), _z.AsSpan(start, lanes));

    /// <summary>The points, once; null where one of them is the point at infinity.</summary>
    public P384Point[]? ToAffine()
    {
        // Montgomery's trick: with p_i = z_0 * … * z_i, 1/z_i = 1/p_i * p_(i-1), and 1/p_(i-1) = 1/p_i * z_i.
        var products = new Field[count];
        Field product = Field.One;
        for (int i = 0; i < count; i++)
        {
            product *= _z[i];
            products[i] = product;
        }

        if (product.IsZero)
            return null;

        var points = new P384Point[count];
        Field inverse = product;
        Field384x4.Raise(new(ref inverse), P384Prime.MinusTwo);
        for (int i = count - 1; i >= 0; i--)
        {
            Field own = i == 0 ? inverse : inverse * products[i - 1];
            points[i] = new(_x[i] * own, _y[i] * own);
            inverse *= _z[i];
        }

        Array.Clear(_x);
        Array.Clear(_y);
        Array.Clear(_z);
        Array.Clear(products);
        return points;
    }
}

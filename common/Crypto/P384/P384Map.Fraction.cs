using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

internal static partial class P384Map
{
    /// <summary>map_to_curve_simple_swu without a branch (RFC 9380 appendix F.2), between the powers that it needs; x is a fraction until the end.</summary>
    private readonly struct MapFraction
    {
        private readonly Field _u;
        private readonly Field _tv1;
        private readonly Field _tv3;
        private readonly Field _ratioNumerator;
        private readonly Field _ratioDenominator;

        /// <summary>Steps 1 to 16.</summary>
        public MapFraction(in Field u)
        {
            // 1 to 8.
            _u = u;
            _tv1 = Z * (u * u);
            Field tv2 = (_tv1 * _tv1) + _tv1;
            _tv3 = B * (tv2 + Field.One);
            Denominator = A * Field.Select(Field.Same(tv2, default), Z, -tv2);

            // 9 to 16: the curve's equation as a fraction.
            Field square4 = Denominator * Denominator;
            tv2 = ((_tv3 * _tv3) + (A * square4)) * _tv3;
            _ratioDenominator = square4 * Denominator;
            _ratioNumerator = tv2 + (B * _ratioDenominator);
        }

        /// <summary>What x is divided by.</summary>
        public Field Denominator { get; }

        /// <summary>u * v^3 of sqrt_ratio for p = 3 modulo 4 (appendix F.2.1.2), to be raised to (p - 3) / 4.</summary>
        public Field RootBase => _ratioDenominator * _ratioDenominator * _ratioNumerator * _ratioDenominator;

        /// <summary>The rest of sqrt_ratio, and steps 17 to 25.</summary>
        /// <param name="power"><see cref="RootBase"/>, raised.</param>
        /// <param name="inverse">Of <see cref="Denominator"/>.</param>
        public P384Point ToPoint(in Field power, in Field inverse)
        {
            Field y1 = power * _ratioNumerator * _ratioDenominator;
            ulong isSquare = Field.Same(y1 * y1 * _ratioDenominator, _ratioNumerator);
            Field root = Field.Select(isSquare, y1, y1 * RootOfMinusZ);

            Field x = Field.Select(isSquare, _tv3, _tv1 * _tv3) * inverse;
            Field y = Field.Select(isSquare, root, _tv1 * _u * root);
            return new(x, Field.Select(_u.Parity ^ y.Parity, -y, y));
        }
    }
}

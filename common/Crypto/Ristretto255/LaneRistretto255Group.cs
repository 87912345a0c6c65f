using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>ristretto255 whose elements are multiplied four at a time, in the lanes of AVX2; libsodium multiplies an element alone, hashes to elements and calculates with scalars.</summary>
internal sealed class LaneRistretto255Group : Ristretto255Group
{
    private LaneRistretto255Group() => Generator = DecodeGenerator();

    /// <summary>The one instance; null where the processor has no AVX2, libsodium is absent, or the self-test failed.</summary>
    internal static new LaneRistretto255Group? Instance { get; } = Avx2.IsSupported && LibsodiumRistretto255Group.Instance is not null ? Start() : null;

    public override GroupElements Generator { get; }

    public override GroupElements? Combine(ReadOnlySpan<byte> weights, params ReadOnlySpan<GroupElements> lists)
    {
        bool hasLanes = false;
        foreach (GroupElements list in lists)
            hasLanes |= list is LaneRistretto255Elements;
        return hasLanes ? LaneRistretto255Elements.Combine(weights, lists) : LibsodiumRistretto255Group.Instance!.Combine(weights, lists);
    }

    /// <summary>An element alone would cost as much as four: it stays libsodium's.</summary>
    protected override GroupElements? Decode(ReadOnlySpan<byte> encodings) =>
        encodings.Length == Size ? LibsodiumRistretto255Group.Instance!.TryDecode(encodings) : LaneRistretto255Elements.TryDecode(encodings);

    private static LaneRistretto255Group? Start()
    {
        try
        {
            var group = new LaneRistretto255Group();
            return VoprfSelfTest.Passes(group, places: Field25519x4.Lanes + 1) ? group : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

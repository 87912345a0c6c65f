using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>The implementations of the VOPRF suites by name, so that every battery runs once on each.</summary>
internal static class VoprfSuites
{
    private const string InLanes = "P384-SHA384 in lanes";
    private const string InLibcrypto = "P384-SHA384 in libcrypto";
    private const string RistrettoInLanes = "ristretto255-SHA512 in lanes";
    private const string RistrettoInLibsodium = "ristretto255-SHA512 in libsodium";

    public static TheoryData<string> Names => [InLanes, InLibcrypto, RistrettoInLanes, RistrettoInLibsodium];

    /// <summary>The names of a suite's implementations.</summary>
    public static IEnumerable<string> Implementations(string identifier) =>
        Names.Select(row => row.Data).Where(name => name.StartsWith(identifier, StringComparison.Ordinal));

    /// <summary>The suite on the named implementation, or on the one that this process uses; skips with its own reason where this machine lacks it.</summary>
    public static VoprfSuite Usable(string name)
    {
        VoprfSuite suite = name.StartsWith(VoprfSuite.P384Sha384.Identifier, StringComparison.Ordinal) ? VoprfSuite.P384Sha384 : VoprfSuite.Ristretto255Sha512;
        Assert.SkipUnless(suite.Missing is null, suite.Missing ?? "");
        return name switch
        {
            InLanes => suite.On(Lanes()),
            InLibcrypto => suite.On(LibcryptoP384Group.Instance!),
            RistrettoInLanes => suite.On(RistrettoLanes()),
            RistrettoInLibsodium => suite.On(LibsodiumRistretto255Group.Instance!),
            _ => suite,
        };
    }

    /// <summary>P-384 in lanes; skips on a processor without AVX2.</summary>
    public static LaneP384Group Lanes()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "This processor has no AVX2.");
        return LaneP384Group.Instance!;
    }

    /// <summary>ristretto255 in lanes; skips on a processor without AVX2.</summary>
    public static LaneRistretto255Group RistrettoLanes()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "This processor has no AVX2.");
        return LaneRistretto255Group.Instance!;
    }
}

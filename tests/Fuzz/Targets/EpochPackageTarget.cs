using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Fuzz.Targets;

/// <summary>A package that was read is written again as the same bytes, and is judged whatever is in it: under keys that signed nothing it never passes.</summary>
public static class EpochPackageTarget
{
    private static readonly TrustBundle Bundle = MakeBundle();

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!EpochPackage.TryParse(input, out EpochPackage? package))
            return;
        if (!package.Encode().AsSpan().SequenceEqual(input))
            throw new InvalidOperationException("A package changed when it was written again.");
        if (WitnessedEpoch.TryVerify(package, Bundle, DateTimeOffset.UnixEpoch.AddDays(1), TimeSpan.FromMinutes(5), out _, out _))
            throw new InvalidOperationException("A forged package was accepted.");
    }

    private static TrustBundle MakeBundle()
    {
        static NoteVerifierKey Key(byte seed, NoteKeyType type)
        {
            byte[] bytes = new byte[32];
            bytes.AsSpan().Fill(seed);
            using NoteSigner signer = NoteSigner.Import("gateway.example", type, bytes);
            return signer.VerifierKey;
        }

        return new()
        {
            Serial = 1,
            Authority = "gateway.example",
            Epochs = new(DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1)),
            Origin = "gateway.example/veil",
            LogKey = Key(201, NoteKeyType.Ed25519),
            Witnesses = [Key(202, NoteKeyType.Cosignature)],
            WitnessThreshold = 1,
            AuthorityKey = Key(203, NoteKeyType.Ed25519),
            ReleaseSigners = [Key(204, NoteKeyType.Ed25519)],
            ReleaseThreshold = 1,
            ReleaseMaturity = TimeSpan.FromDays(1),
        };
    }
}

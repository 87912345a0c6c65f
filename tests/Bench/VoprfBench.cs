using System.Security.Cryptography;
using Veil.Bench.Measuring;
using Veil.Crypto;

namespace Veil.Bench;

/// <summary>
/// What a token of types 1 and 5 costs its issuer and its client, on one core, alone and in batches of 100. An issuer multiplies an element by a secret once a
/// token at the least: that multiplication, bare and by the system's library, is the yardstick.
/// </summary>
internal sealed class VoprfBench : IBench
{
    private const int Rounds = 5;
    private const int Batch = 100;

    public string Name => "voprf";

    public string Description => "VOPRF evaluations of types 1 and 5 against the bare scalar multiplication; blind, finalize, redeem (about 30 s)";

    public Task<IReadOnlyList<BenchResult>> RunAsync() => Task.FromResult<IReadOnlyList<BenchResult>>(
        [.. Measure(VoprfSuite.P384Sha384, "type 1", target: LaneP384Group.Instance is null ? 0.75 : 3.5), .. Measure(VoprfSuite.Ristretto255Sha512, "type 5", target: LaneRistretto255Group.Instance is null ? 0.35 : 0.7)]);

    private static IEnumerable<BenchResult> Measure(VoprfSuite suite, string name, double target)
    {
        if (suite.Missing is { } missing)
            throw new BenchException(missing, new PlatformNotSupportedException(missing));

        using var server = VoprfPrivateKey.Derive(suite, RandomNumberGenerator.GetBytes(suite.ScalarSize), "PrivacyPass"u8);
        if (!VoprfPublicKey.TryCreate(suite, server.PublicKey, out VoprfPublicKey? key))
            throw new InvalidOperationException("The bench's own key was refused.");

        byte[][] inputs = [.. Enumerable.Range(0, Batch).Select(_ => RandomNumberGenerator.GetBytes(98))];
        using BlindedInputs blinded = key.Blind(inputs);
        byte[] elements = blinded.Bytes.ToArray();
        byte[] evaluated = new byte[elements.Length];
        byte[] proof = new byte[suite.ProofSize];
        byte[] outputs = new byte[Batch * suite.OutputSize];
        bool[] verdicts = new bool[Batch];
        byte[] scalar = new byte[suite.ScalarSize];
        suite.Group.RandomScalar(scalar);
        PrimeOrderGroup library = suite.Group is P384Group ? LibcryptoP384Group.Instance! : LibsodiumRistretto255Group.Instance!;
        using GroupElements bare = library.TryDecode(elements)!;

        double[] batched = InterleavedRounds.BestMicroseconds(
            Rounds,
            2,
            () => bare.Multiply(scalar).Dispose(),
            () => server.TryEvaluate(elements, evaluated, proof),
            () => key.Blind(inputs).Dispose(),
            () => Require(blinded.TryFinalize(evaluated, proof, outputs)),
            () =>
            {
                server.VerifyAll(inputs, outputs, verdicts);
                Require(!verdicts.Contains(false));
            });
        double[] single = InterleavedRounds.BestMicroseconds(
            Rounds,
            Batch,
            () => server.TryEvaluate(elements.AsSpan(0, suite.ElementSize), evaluated.AsSpan(0, suite.ElementSize), proof),
            () => Require(server.Verify(inputs[0], outputs.AsSpan(0, suite.OutputSize))));
        return
        [
            BenchResult.Cost($"{name}: issue, 100 a batch", batched[1] / Batch, "us", batched[0] / Batch, target),
            BenchResult.Cost($"{name}: issue alone", single[0], "us", batched[0] / Batch, null),
            BenchResult.Figure($"{name}: blind, 100 a batch", batched[2] / Batch, "us"),
            BenchResult.Figure($"{name}: finalize, 100 a batch", batched[3] / Batch, "us"),
            BenchResult.Figure($"{name}: redeem, 100 a call", batched[4] / Batch, "us"),
            BenchResult.Figure($"{name}: redeem alone", single[1], "us"),
        ];
    }

    private static void Require(bool holds)
    {
        if (!holds)
            throw new InvalidOperationException("The bench's own answer was refused.");
    }
}

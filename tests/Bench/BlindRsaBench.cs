using Veil.Bench.Measuring;
using Veil.PrivacyPass;

namespace Veil.Bench;

/// <summary>
/// What a token of type 2 costs its issuer, its client and its verifier, on one core. The issuer's rate covers the whole path from a TokenRequest's bytes to a TokenResponse's,
/// with the check of the signature, and is compared with <c>openssl speed rsa2048</c>, which signs and does nothing else; the two run in turn.
/// </summary>
internal sealed class BlindRsaBench : IBench
{
    private const int Rounds = 5;
    private const int SignsPerRound = 3000;
    private const int OthersPerRound = 1000;
    private const double Target = 0.9;

    public string Name => "blindrsa";

    public string Description => "RSA-2048 blind signatures a second against openssl speed; blind, finalize, verify (about 30 s)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        using TokenIssuerKey issuer = TokenIssuerKey.Import(0x0002, TokenType.Find(0x0002)!.GeneratePrivateKey());
        TokenChallenge challenge = TokenChallenge.Create(0x0002, "issuer.example", [], "origin.example");
        PendingToken pending = Pending();
        byte[] request = pending.TokenRequest.ToArray();
        byte[] response = Issue();
        Token token = Finalize();

        double ours = 0;
        double openssl = 0;
        for (int round = 0; round < Rounds; round++)
        {
            openssl = Math.Max(openssl, await OpensslSpeed.SignsPerSecondAsync());
            ours = Math.Max(ours, 1e6 / InterleavedRounds.BestMicroseconds(1, SignsPerRound / 2, () => Issue())[0]);
        }

        double[] others = InterleavedRounds.BestMicroseconds(3, OthersPerRound, () => Pending().Dispose(), () => Finalize(), () => issuer.PublicKey.Verify(token));
        return
        [
            BenchResult.Rate("sign", ours, "1/s", openssl, Target),
            BenchResult.Figure("blind", others[0], "us"),
            BenchResult.Figure("finalize", others[1], "us"),
            BenchResult.Figure("verify", others[2], "us"),
            BenchResult.Figure("sign allocates", InterleavedRounds.AllocatedBytes(100, () => Issue()), "B"),
            BenchResult.Figure("verify allocates", InterleavedRounds.AllocatedBytes(100, () => issuer.PublicKey.Verify(token)), "B"),
        ];

        PendingToken Pending() =>
            PendingToken.TryCreate(issuer.PublicKey, challenge, out PendingToken? made, out PrivacyPassError error) ? made : throw Failed(error);

        byte[] Issue() => issuer.TryIssue(request, out byte[]? answer, out PrivacyPassError error) ? answer : throw Failed(error);

        Token Finalize() => pending.TryFinalize(response, out Token? made, out PrivacyPassError error) ? made : throw Failed(error);
    }

    private static InvalidOperationException Failed(PrivacyPassError error) => new($"The bench's own token was refused: {error}.");
}

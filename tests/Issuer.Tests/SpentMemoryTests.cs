using Veil.Proofs;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class SpentMemoryTests
{
    [Fact]
    public async Task Memory_does_not_grow_with_the_spent_tokens()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        var context = new ProofContext(Full: false, Seed: 42, line => TestContext.Current.SendDiagnosticMessage(line), TestContext.Current.CancellationToken);
        ProofResult result = await new SpentMemoryProof().RunAsync(context);
        Assert.True(result.Passed, string.Join(", ", result.Figures.Select(figure => $"{figure.Key} {figure.Value}")));
    }
}

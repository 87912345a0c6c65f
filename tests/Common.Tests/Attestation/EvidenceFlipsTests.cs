using Veil.Proofs;
using Veil.Proofs.Evidence;

namespace Veil.Common.Tests.Attestation;

/// <summary>A sample of what <c>ops/prove.sh evidence-flips</c> shows in full.</summary>
public static class EvidenceFlipsTests
{
    [Fact]
    public static async Task No_turned_bit_of_real_evidence_is_accepted_without_a_reason_in_the_table()
    {
        Assert.SkipWhen(EvidenceFolder.Unavailable is not null, EvidenceFolder.Unavailable ?? "");
        var context = new ProofContext(Full: false, Seed: 42, line => TestContext.Current.SendDiagnosticMessage(line), TestContext.Current.CancellationToken);
        ProofResult result = await new EvidenceFlipsProof().RunAsync(context);
        Assert.True(result.Passed, string.Join(", ", result.Figures.Select(figure => $"{figure.Key} {(figure.Value is string[] lines ? string.Join("; ", lines) : figure.Value)}")));
    }

    [Fact]
    public static void Every_range_of_the_table_has_a_reason() =>
        Assert.All(AcceptedFlip.Table, range => Assert.True(range.From <= range.To && range.Reason.Length > 20, $"{range.Kind} {range.Part} {range.From}"));
}

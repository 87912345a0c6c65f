using Veil.Attestation;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>A record whose parts are honest each and do not belong together, or not to this time; on machines of every kind.</summary>
internal sealed record RecordForgery(string Item, string Name, string RefusedBy, string Tells, Func<RecordMaker, HostRecord> Make) : Forgery(Item, Name, RefusedBy, Tells)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Kinds { get; } = [SoftwareTeeOptions.SevSnp, SoftwareTeeOptions.Tdx];
}

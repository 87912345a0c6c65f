namespace Veil.Proofs.Hosts;

/// <summary>
/// Hosts come and go under load, with epochs of seconds. Where they are asked to end, nobody notices; where they are killed, only those notice whose answer had begun, and
/// they are told so.
/// </summary>
public sealed class HostChurnProof : IProof
{
    /// <inheritdoc/>
    public string Name => "host-churn";

    /// <inheritdoc/>
    public string Description => "two of six hosts restart in every epoch of 2 s, drained and then killed, while clients ask";

    /// <inheritdoc/>
    public int Minutes => 3;

    /// <inheritdoc/>
    public async Task<ProofResult> RunAsync(ProofContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        TimeSpan epoch = TimeSpan.FromSeconds(context.Size(2, 4));
        int epochs = context.Size(30, 5);
        await using HostChurnTrial trial = await HostChurnTrial.StartAsync(epoch, context.Cancellation);
        context.Progress($"{HostChurnTrial.Hosts} hosts are up");
        ChurnCount drained = await trial.RunAsync(epochs, kill: false, context.Cancellation);
        context.Progress($"drained: {drained}");
        ChurnCount killed = await trial.RunAsync(epochs, kill: true, context.Cancellation);
        context.Progress($"killed: {killed}");
        if (drained.BrokenOff + drained.Failed + killed.Failed > 0)
        {
            foreach (string line in trial.Traces())
                context.Progress(line);
        }

        // A short phase may lie between two changes of the OHTTP keys document.
        int atLeast = epochs * HostChurnTrial.Clients;
        bool passed = drained is { BrokenOff: 0, Failed: 0 } && killed.Failed is 0 && drained.Served >= atLeast && killed.Served >= atLeast
            && Keeps(drained, epochs, context.Full) && Keeps(killed, epochs, context.Full) && drained.HostKeys >= drained.Restarts / 2 && killed.HostKeys >= killed.Restarts / 2 && (context.Full ? drained.OhttpKeys : Math.Max(drained.OhttpKeys, killed.OhttpKeys)) > 1;
        return new ProofResult(
            passed,
            new Dictionary<string, object>
            {
                ["hosts"] = HostChurnTrial.Hosts,
                ["restarted in an epoch"] = HostChurnTrial.Restarted,
                ["epoch, s"] = epoch.TotalSeconds,
                ["epochs of each kind"] = epochs,
                ["clients"] = HostChurnTrial.Clients,
            },
            new Dictionary<string, object>
            {
                ["SIGTERM: restarts"] = drained.Restarts,
                ["SIGTERM: served"] = drained.Served,
                ["SIGTERM: failed"] = drained.BrokenOff + drained.Failed,
                ["SIGTERM: heads published"] = drained.Epochs,
                ["SIGTERM: OHTTP keys documents shown"] = drained.OhttpKeys,
                ["SIGTERM: sets of host keys that heads listed for the first time"] = drained.HostKeys,
                ["SIGKILL: heads published"] = killed.Epochs,
                ["SIGKILL: restarts"] = killed.Restarts,
                ["SIGKILL: served"] = killed.Served,
                ["SIGKILL: failed by name after their answer had begun"] = killed.BrokenOff,
                ["SIGKILL: failed otherwise"] = killed.Failed,
                ["SIGKILL: sets of host keys that heads listed for the first time"] = killed.HostKeys,
                ["SIGTERM: reasons"] = string.Join(" | ", drained.Reasons),
                ["SIGKILL: reasons"] = string.Join(" | ", killed.Reasons),
            });
    }

    /// <summary>Two hosts in every epoch: the restarts took hardly more epochs than they were meant to. A small run shares its machine with other tests.</summary>
    private static bool Keeps(ChurnCount count, int epochs, bool isFull) => count.Epochs >= epochs / 2 && (!isFull || count.Epochs <= epochs + 4);
}

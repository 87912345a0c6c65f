using System.CommandLine;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary><c>veil plan</c>: which hosts would be refused, and when.</summary>
internal static class PlanCommand
{
    private const int DefaultDays = 90;
    private const int MostDays = 36_500;

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of host records, RA-TLS certificates and reports; each file and each folder in it is one host." };
        var policy = new Option<string?>("--policy") { Description = "What is accepted now. Without it the hardware alone is judged." };
        var next = new Option<string?>("--next-policy") { Description = "What will be accepted, for example with a higher min_tcb." };
        var collateral = new Option<string[]>("--next-collateral")
        {
            Description = "Folder of newer collateral that hosts will show in place of their own: tcb_info.json, qe_identity.json, certificates and revocation lists (*.der, *.crt, *.pem, *.crl); of SEV-SNP the lists. Repeat it for platforms of another FMSPC.",
        };
        var days = new Option<int>("--days") { Description = "How far to look ahead.", DefaultValueFactory = _ => DefaultDays };
        var at = EvidenceArguments.At();
        var json = EvidenceArguments.Json();
        var command = new Command("plan", """
            Say which hosts of a folder would be refused, and when: now, as certificates, revocation lists and collateral run out, or by the next policy and with the
            next collateral. A host's own claims are made anew at every key epoch and are not looked at.

            Exit codes: 0 none would be refused, 1 some would or cannot be read, 2 wrong usage or a policy or collateral that cannot be read.
            """)
        {
            folder, policy, next, collateral, days, at, json,
        };
        command.SetAction((parse, _) => EvidenceArguments.RunAsync(async () =>
        {
            AppraisalPolicy? now = EvidenceArguments.ReadPolicy(parse.GetValue(policy));
            var then = new NextTerms(EvidenceArguments.ReadPolicy(parse.GetValue(next)), [.. (parse.GetValue(collateral) ?? []).Select(EvidenceFile.ReadCollateralFolder)]);
            DateTimeOffset start = parse.GetValue(at) ?? TimeProvider.System.GetUtcNow();
            int ahead = Math.Clamp(parse.GetValue(days), 0, MostDays);
            DateTimeOffset horizon = start < DateTimeOffset.MaxValue.AddDays(-MostDays) ? start.AddDays(ahead) : start;
            HostOutlook[] outlooks = [.. Hosts(parse.GetValue(folder)!).Select(host => HostOutlook.Of(host, now, then, start, horizon))];
            foreach (HostOutlook outlook in outlooks)
            {
                await Console.Out.WriteLineAsync(parse.GetValue(json) ? outlook.ToJson().ToJsonString() : outlook.ToString()).ConfigureAwait(false);
            }

            return outlooks.All(outlook => outlook.IsAccepted) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static string[] Hosts(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new EvidenceException($"{folder}: found no folder.");
        }

        string[] hosts = [.. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal)];
        return hosts.Length > 0 ? hosts : throw new EvidenceException($"{folder}: is empty.");
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.Transparency.Epochs;
using Veil.TransparencyLog.Monitoring;

namespace Veil.TransparencyLog.Commands;

/// <summary><c>veil-log monitor</c>: what anybody can run against an authority. Exits 1 when it found something.</summary>
internal static class MonitorCommand
{
    public static Command Create()
    {
        var trust = new Option<FileInfo>("--trust") { Description = "The authority's trust bundle.", Required = true };
        var logs = new Option<Uri[]>("--log") { Description = "URL of the log or of a mirror; repeated, two mirrors must show one history.", Required = true };
        var roots = new Option<FileInfo?>("--roots") { Description = "PEM certificates to trust instead of the system's." };
        var every = new Option<double>("--every") { Description = "Seconds between two looks.", DefaultValueFactory = _ => 60 };
        var once = new Option<bool>("--once") { Description = "Look once and end." };
        var releases = new Option<FileInfo[]>("--release") { Description = "A signed release that is known; repeated. Needs --documents." };
        var documents = new Option<DirectoryInfo?>("--documents") { Description = "Folder of the documents that heads name: with it, releases other than those of --release are reported." };
        var json = new Option<bool>("--json") { Description = "One line of JSON for each finding." };
        var command = new Command("monitor", "Follow a log and report whatever clients would refuse.") { trust, logs, roots, every, once, releases, documents, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (CommandOutput.ReadBundle(parsed.GetValue(trust)!) is not { } bundle)
                return 1;
            ReleaseWatch? watch = null;
            if (parsed.GetValue(documents) is { } folder && !TryWatch(bundle, parsed.GetValue(releases) ?? [], folder, out watch))
                return 1;
            var tls = new OutboundTlsOptions { TrustedRootsFile = parsed.GetValue(roots)?.FullName };
            using var http = new HttpClient(OutboundHandler.Create(tls.ToAuthenticationOptions(), null)) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = EntryBundle.MaxSize };
            LogMonitor[] monitors = [.. parsed.GetValue(logs)!.Select(url => new LogMonitor(new LogReader(url, http), bundle, watch, TimeProvider.System))];
            return await FollowAsync(monitors, TimeSpan.FromSeconds(parsed.GetValue(every)), parsed.GetValue(once), parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static bool TryWatch(TrustBundle bundle, FileInfo[] files, DirectoryInfo folder, out ReleaseWatch? watch)
    {
        watch = null;
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (FileInfo file in files)
        {
            if (!file.Exists || !Release.TryOpen(File.ReadAllBytes(file.FullName), bundle.ReleaseSigners, bundle.ReleaseThreshold, out Release? release))
            {
                CommandOutput.Fail($"{file}: not a release that enough signers signed.");
                return false;
            }

            known.Add(release.Id);
        }

        watch = new ReleaseWatch(bundle, known, folder.FullName);
        return true;
    }

    private static async Task<int> FollowAsync(LogMonitor[] monitors, TimeSpan every, bool once, bool json, CancellationToken cancellation)
    {
        bool found = false;
        bool isSplit = false;
        try
        {
            while (true)
            {
                foreach (LogMonitor monitor in monitors)
                {
                    foreach (Finding finding in await monitor.LookAsync(cancellation))
                    {
                        found = true;
                        Write(monitor.Url, finding, json);
                    }
                }

                if (!isSplit && monitors.Skip(1).FirstOrDefault(other => IsSplit(monitors[0], other)) is { } different)
                {
                    (found, isSplit) = (true, true);
                    Write(different.Url, new(FindingKind.SplitView, -1, $"its entries are not those of {monitors[0].Url.Authority}"), json);
                }

                await Console.Error.WriteLineAsync($"{DateTimeOffset.UtcNow:u} {string.Join(", ", monitors.Select(monitor => $"{monitor.Url.Authority}: {monitor.Tree.Size} entries"))}");
                if (once)
                    return found ? 1 : 0;
                await Task.Delay(every, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return found ? 1 : 0;
        }
    }

    private static bool IsSplit(LogMonitor one, LogMonitor other)
    {
        long common = Math.Min(one.Tree.Size, other.Tree.Size);
        return common > 0 && !one.Tree.Root(common).AsSpan().SequenceEqual(other.Tree.Root(common));
    }

    private static void Write(Uri url, Finding finding, bool json) => Console.WriteLine(json
        ? JsonSerializer.Serialize(new { log = url, finding = finding.Kind.ToString(), index = finding.Index, detail = finding.Detail }, CommandOutput.Json)
        : string.Create(CultureInfo.InvariantCulture, $"{finding.Kind}: {finding.Detail} ({url.Authority}{(finding.Index >= 0 ? $", entry {finding.Index}" : "")})"));
}

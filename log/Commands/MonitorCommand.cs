using System.CommandLine;
using System.CommandLine.Parsing;
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
        var logs = new Option<Uri[]>("--log") { Description = "URL of the log or of a mirror; repeated, two mirrors must show one history.", Required = true, CustomParser = ParseUrls };
        var roots = new Option<FileInfo?>("--roots") { Description = "PEM certificates to trust instead of the system's." };
        var every = new Option<double>("--every") { Description = "Seconds between two looks.", DefaultValueFactory = _ => 60 };
        var once = new Option<bool>("--once") { Description = "Look once and end." };
        var releases = new Option<FileInfo[]>("--release") { Description = "A signed release that is known; repeated. Needs --documents." };
        var documents = new Option<DirectoryInfo?>("--documents") { Description = "Folder of the documents that heads name: with it, releases other than those of --release are reported, more keys than a rotation needs, keys in use that the head before did not name, fleets that are not the head's or count a host twice, and hosts that run a release before its time." };
        var memory = new Option<FileInfo?>("--memory") { Description = "File that keeps what was seen, so that the next run finds what happened meanwhile and reports nothing twice." };
        var json = new Option<bool>("--json") { Description = "One line of JSON for each finding." };
        var command = new Command("monitor", "Follow a log and report whatever clients would refuse.") { trust, logs, roots, every, once, releases, documents, memory, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (CommandOutput.ReadBundle(parsed.GetValue(trust)!) is not { } bundle)
                return 1;
            FileInfo[] known = parsed.GetValue(releases) ?? [];
            DirectoryInfo? folder = parsed.GetValue(documents);
            if (folder is null && known.Length > 0)
                return CommandOutput.Fail("--release needs --documents: the folder of the documents that heads name.");
            if (Watches(bundle, known, folder) is not { } watches)
                return 1;
            MonitorMemory? kept = null;
            if (parsed.GetValue(memory) is { } file && !MonitorMemory.TryOpen(file.FullName, bundle.Witnessing, out kept, out string problem))
                return CommandOutput.Fail($"{file}: {problem}. Name another file, or move this one away to begin without a memory.");
            if (folder is null)
                CommandOutput.Tell("releases, keys and fleets are not judged without --documents: the folder of the documents that heads name.");
            var tls = new OutboundTlsOptions { TrustedRootsFile = parsed.GetValue(roots)?.FullName };
            using var http = new HttpClient(OutboundHandler.Create(tls.ToAuthenticationOptions(), null)) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = EntryBundle.MaxSize };
            LogReader[] readers = [.. parsed.GetValue(logs)!.Select(url => new LogReader(url, http))];

            // Heads are judged once: mirrors of one history have the same.
            LogMonitor[] monitors = [.. readers.Select((reader, index) => new LogMonitor(reader, bundle, index == 0 ? watches : [], kept?.Of(reader.Url), TimeProvider.System))];
            return await FollowAsync(monitors, kept, TimeSpan.FromSeconds(parsed.GetValue(every)), parsed.GetValue(once), parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static Uri[] ParseUrls(ArgumentResult result)
    {
        var urls = new List<Uri>();
        foreach (Token token in result.Tokens)
        {
            if (Uri.TryCreate(token.Value, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
                urls.Add(url);
            else
                result.AddError($"--log: found '{token.Value}'; an http or https URL is wanted.");
        }

        return [.. urls];
    }

    /// <summary>What looks at heads; null, with the line written, where a release is none.</summary>
    private static IReadOnlyList<IHeadWatch>? Watches(TrustBundle bundle, FileInfo[] files, DirectoryInfo? folder)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (FileInfo file in files)
        {
            if (!file.Exists || !Release.TryOpen(File.ReadAllBytes(file.FullName), bundle.ReleaseSigners, bundle.ReleaseThreshold, out Release? release))
            {
                CommandOutput.Fail($"{file}: not a release that enough signers signed.");
                return null;
            }

            known.Add(release.Id);
        }

        var documents = new HeadDocuments(folder?.FullName ?? "");
        return folder is null
            ? []
            : [new ReleaseWatch(bundle, known, documents), new KeyWatch(documents), new AnnouncementWatch(bundle.Epochs, documents), new FleetWatch(bundle, documents, TimeProvider.System), new MaturityWatch(bundle, documents)];
    }

    private static async Task<int> FollowAsync(LogMonitor[] monitors, MonitorMemory? memory, TimeSpan every, bool once, bool json, CancellationToken cancellation)
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

                    // After it was told: a memory that is ahead of the reports would lose one.
                    if (monitor.Seen is { } seen)
                        memory?.Keep(monitor.Url, seen);
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
        catch (Exception failure) when (memory is not null && failure is IOException or UnauthorizedAccessException)
        {
            return CommandOutput.Fail($"--memory: the file cannot be written ({failure.GetType().Name}); what was found is above.");
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

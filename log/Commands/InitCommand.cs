using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Commands;

/// <summary><c>veil-log init FOLDER</c>: makes what a new authority needs, all of it or nothing, and says what comes next.</summary>
internal static class InitCommand
{
    private const string LogKey = "log.key";
    private const string AuthorityKey = "authority.key";
    private const string ReleaseKey = "release.key";
    private const string PublisherSecret = "publisher.secret";
    private const string Configuration = "log.json";
    private const string Bundle = "trust.json";
    private static readonly JsonSerializerOptions Indented = new(CommandOutput.Json) { WriteIndented = true };

    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Where everything goes; made where it is not there. Nothing in it is overwritten." };
        var authority = new Option<string>("--authority") { Description = "The gateway's authority: host, and port where it is not 443.", Required = true };
        var witnesses = new Option<string[]>("--witness") { Description = "A witness, VKEY=URL, as its operator gives them; repeated.", Required = true };
        var threshold = new Option<int>("--witness-threshold") { Description = "How many must cosign.", DefaultValueFactory = _ => 1 };
        var signers = new Option<string[]>("--release-signer") { Description = "A release signer's verifier key, made with \"veil-log key\" on the signer's own machine; repeated. Without one a key is made here." };
        var releaseThreshold = new Option<int>("--release-threshold") { Description = "How many must sign a release.", DefaultValueFactory = _ => 1 };
        var epoch = new Option<int>("--epoch-seconds") { Description = "How long an epoch lasts; it never changes.", DefaultValueFactory = _ => 3600 };
        var maturity = new Option<int>("--release-maturity-seconds") { Description = "How long a release must have been public.", DefaultValueFactory = _ => 86400 };
        var certificate = new Option<FileInfo?>("--certificate") { Description = "The log's TLS certificate, PEM. Without it the log listens on loopback, for a proxy before it." };
        var certificateKey = new Option<FileInfo?>("--certificate-key") { Description = "Its private key, PEM." };
        var json = new Option<bool>("--json") { Description = "One line of JSON in place of the next steps." };
        var command = new Command("init", "Make what a new authority needs: keys, the log's configuration, the trust bundle of its clients.")
        {
            folder, authority, witnesses, threshold, signers, releaseThreshold, epoch, maturity, certificate, certificateKey, json,
        };
        command.SetAction(parsed =>
        {
            string name = parsed.GetValue(authority)!;
            if (!NoteVerifierKey.IsName(name))
                return CommandOutput.Fail($"\"{name}\" names no authority: no white space and no '+'.");
            if (parsed.GetValue(certificate) is null != parsed.GetValue(certificateKey) is null)
                return CommandOutput.Fail("--certificate and --certificate-key go together.");
            if (Witnesses(parsed.GetValue(witnesses)!) is not { } known || Keys(parsed.GetValue(signers) ?? []) is not { } released)
                return 1;

            using NoteSigner logKey = NoteSigner.Generate($"{name}/veil", NoteKeyType.Ed25519);
            using NoteSigner authorityKey = NoteSigner.Generate(name, NoteKeyType.Ed25519);
            using NoteSigner releaseKey = NoteSigner.Generate($"{name}/releases", NoteKeyType.Ed25519);
            long seconds = parsed.GetValue(epoch);
            byte[] bundle = new TrustBundle
            {
                Serial = 1,
                Authority = name,
                Epochs = new(Genesis(seconds), TimeSpan.FromSeconds(seconds)),
                Origin = $"{name}/veil",
                LogKey = logKey.VerifierKey,
                AuthorityKey = authorityKey.VerifierKey,
                Witnesses = [.. known.Select(witness => witness.Key)],
                WitnessThreshold = parsed.GetValue(threshold),
                ReleaseSigners = released.Count > 0 ? released : [releaseKey.VerifierKey],
                ReleaseThreshold = parsed.GetValue(releaseThreshold),
                ReleaseMaturity = TimeSpan.FromSeconds(parsed.GetValue(maturity)),
            }.Write();
            if (!TrustBundle.TryParse(bundle, out TrustBundle? made, out string problem))
                return CommandOutput.Fail($"{problem}.");

            string path = parsed.GetValue(folder)!.FullName;
            string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            string configuration = Configure(path, made, known, secret, parsed.GetValue(certificate)?.FullName, parsed.GetValue(certificateKey)?.FullName).ToJsonString(Indented);
            var files = new List<(string Name, string Content, bool IsPrivate)>
            {
                (LogKey, $"{logKey.Export()}\n", true),
                (AuthorityKey, $"{authorityKey.Export()}\n", true),
                (PublisherSecret, $"{secret}\n", true),
                (Configuration, $"{configuration}\n", false),
                (Bundle, Encoding.UTF8.GetString(bundle), false),
            };
            if (released.Count is 0)
                files.Add((ReleaseKey, $"{releaseKey.Export()}\n", true));
            if (Write(path, files) is { } refusal)
                return CommandOutput.Fail(refusal);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { folder = path, origin = made.Origin, log_key = made.LogKey.ToString(), authority_key = made.AuthorityKey.ToString(), files = files.Select(file => file.Name) }, CommandOutput.Json)
                : NextSteps(path, made, released.Count is 0));
            return 0;
        });
        return command;
    }

    /// <summary>The beginning of the epoch before this one, so that the first head has one before it.</summary>
    private static DateTimeOffset Genesis(long epochSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(epochSeconds < 1 ? 0 : ((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / epochSeconds) - 1) * epochSeconds);

    private static List<(NoteVerifierKey Key, Uri Url)>? Witnesses(string[] texts)
    {
        var witnesses = new List<(NoteVerifierKey, Uri)>();
        foreach (string text in texts)
        {
            // A key in base64 may end with '=': the URL begins at the last one before its scheme.
            int cut = text.IndexOf("=https://", StringComparison.Ordinal);
            if (cut < 0 || !NoteVerifierKey.TryParse(text[..cut], out NoteVerifierKey? key) || !Uri.TryCreate(text[(cut + 1)..], UriKind.Absolute, out Uri? url))
            {
                CommandOutput.Fail($"--witness: found \"{text}\"; a witness's verifier key, '=' and its https URL are wanted.");
                return null;
            }

            witnesses.Add((key, url));
        }

        return witnesses;
    }

    private static List<NoteVerifierKey>? Keys(string[] texts)
    {
        var keys = new List<NoteVerifierKey>();
        foreach (string text in texts)
        {
            if (!NoteVerifierKey.TryParse(text, out NoteVerifierKey? key))
            {
                CommandOutput.Fail($"--release-signer: found \"{text}\"; a verifier key is wanted, as \"veil-log key\" prints it.");
                return null;
            }

            keys.Add(key);
        }

        return keys;
    }

    private static JsonObject Configure(string folder, TrustBundle bundle, List<(NoteVerifierKey Key, Uri Url)> witnesses, string secret, string? certificate, string? certificateKey)
    {
        JsonObject server = certificate is null
            ? new() { ["Listen"] = "127.0.0.1:8480", ["AllowPlaintext"] = true, ["ManagementListen"] = "127.0.0.1:9480" }
            : new() { ["Listen"] = "[::]:8443", ["CertificateFile"] = certificate, ["KeyFile"] = certificateKey, ["ManagementListen"] = "127.0.0.1:9480" };
        return new()
        {
            ["Server"] = server,
            [LogOptions.Section] = new JsonObject
            {
                ["Origin"] = bundle.Origin,
                ["KeyFile"] = Path.Combine(folder, LogKey),
                ["Folder"] = Path.Combine(folder, "log"),
                ["WitnessThreshold"] = bundle.WitnessThreshold,
                ["Witnesses"] = new JsonArray([.. witnesses.Select(witness => new JsonObject { ["Url"] = witness.Url.AbsoluteUri, ["Key"] = witness.Key.ToString() })]),
                ["Publishers"] = new JsonArray(new JsonObject { ["Name"] = "gateway", ["SecretSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))) }),
            },
        };
    }

    /// <summary>Writes all files, or none and says why.</summary>
    private static string? Write(string folder, List<(string Name, string Content, bool IsPrivate)> files)
    {
        var written = new List<string>();
        try
        {
            Directory.CreateDirectory(folder);
            foreach ((string name, string content, bool isPrivate) in files)
            {
                string path = Path.Combine(folder, name);
                NewFile.Write(path, content, isPrivate);
                written.Add(path);
            }

            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            written.ForEach(File.Delete);
            return $"{failure.Message} Nothing was made.";
        }
    }

    private static string NextSteps(string folder, TrustBundle bundle, bool hasReleaseKey)
    {
        string At(string name) => Path.Combine(folder, name);
        return $"""
            {bundle.Origin}: made in {folder}
            1. Give each witness's operator the log's name and key, for Witness:Logs:
                 {bundle.Origin}
                 {bundle.LogKey}
            2. Start the log:
                 veil-log serve --config {At(Configuration)}
            3. In the gateway's configuration:
                 Epochs:TrustBundleFile {At(Bundle)}, Epochs:AuthorityKeyFile {At(AuthorityKey)}, Epochs:LogSecretFile {At(PublisherSecret)}
            4. In each host agent's configuration, so that its claims name this log's newest checkpoint:
                 Log:Url the log or a mirror of it, Log:TrustBundleFile {At(Bundle)}
            5. Sign the release that your hosts run{(hasReleaseKey ? $", with {At(ReleaseKey)} (one signer: give --release-signer for more)" : "")}:
                 veil-log release sign NAME.release --key KEY --name NAME --service SERVICE --measurement HEX
            6. Give {At(Bundle)} to your clients, by a way that they trust.
            Keep a copy of {LogKey} and {AuthorityKey} where nobody else reads it: a log and an authority keep their keys for as long as they live.
            """;
    }
}

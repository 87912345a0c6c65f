using System.CommandLine;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Veil.ClientSdk;

namespace Veil.ClientCli;

/// <summary>Reads <see cref="VeilOptions"/> from veil.json, VEIL_ environment variables and flags; the later one wins.</summary>
internal static class Settings
{
    private const string FileName = "veil.json";

    private static readonly Option<FileInfo?> Config = Flag<FileInfo?>("--config", "Settings file (JSON with the properties of VeilOptions).");
    private static readonly Option<string?> Relay = Flag<string?>("--relay", "The gateway's resource at the relay, https.");
    private static readonly Option<string?> Authority = Flag<string?>("--authority", "The gateway's own name.");
    private static readonly Option<string?> Issuer = Flag<string?>("--issuer", "The token issuer, https.");
    private static readonly Option<string?> Wallet = Flag<string?>("--wallet", "Where tokens are kept.");
    private static readonly Option<string?> Roots = Flag<string?>("--roots", "PEM certificates to trust instead of the system's.");
    private static readonly Option<string?> Trust = Flag<string?>("--trust", "The authority's trust bundle: log, witnesses and release signers.");
    private static readonly Option<bool> WithoutLog = Flag<bool>("--without-log", "For an authority that keeps no log: trust what relay and gateway agree on.");
    private static readonly Option<bool> Plain = Flag<bool>("--plain", "Send one padded message instead of a stream.");

    private static readonly JsonSerializerOptions Strict = new()
    {
        AllowTrailingCommas = true,
        PropertyNameCaseInsensitive = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Converters = { new IPAddressConverter() },
    };

    private static readonly string[] PathProperties = [nameof(VeilOptions.WalletFile), nameof(VeilOptions.ApiKeyFile), nameof(VeilOptions.TrustedRootsFile), nameof(VeilOptions.TrustBundleFile), nameof(VeilOptions.SeenLogFile)];

    /// <summary>Adds the flags to every command.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (Option option in new Option[] { Config, Relay, Authority, Issuer, Wallet, Roots, Trust, WithoutLog, Plain })
        {
            root.Add(option);
        }
    }

    /// <exception cref="SettingsException">The file cannot be read, or a setting cannot be used.</exception>
    public static VeilOptions Read(ParseResult parse)
    {
        JsonObject settings = ReadFile(parse.GetValue(Config)?.FullName ?? FindFile());
        foreach (PropertyInfo property in typeof(VeilOptions).GetProperties())
        {
            if (Environment.GetEnvironmentVariable(VariableName(property.Name)) is { Length: > 0 } value)
            {
                Set(settings, property.Name, property.PropertyType == typeof(bool) && bool.TryParse(value, out bool flag) ? flag : value);
            }
        }

        Override(settings, nameof(VeilOptions.Relay), parse.GetValue(Relay));
        Override(settings, nameof(VeilOptions.Authority), parse.GetValue(Authority));
        Override(settings, nameof(VeilOptions.Issuer), parse.GetValue(Issuer));
        Override(settings, nameof(VeilOptions.WalletFile), parse.GetValue(Wallet));
        Override(settings, nameof(VeilOptions.TrustedRootsFile), parse.GetValue(Roots));
        Override(settings, nameof(VeilOptions.TrustBundleFile), parse.GetValue(Trust));
        if (parse.GetValue(WithoutLog))
        {
            Set(settings, nameof(VeilOptions.WithoutLog), true);
        }

        if (parse.GetValue(Plain))
        {
            Set(settings, nameof(VeilOptions.Chunked), false);
        }

        UseDefaultWallet(settings);
        UseDefaultSeenLog(settings);
        return Validate(settings);
    }

    /// <summary>VEIL_API_KEY_FILE for ApiKeyFile.</summary>
    internal static string VariableName(string property)
    {
        var name = new StringBuilder("VEIL");
        foreach (char c in property)
        {
            name.Append(char.IsAsciiLetterUpper(c) ? "_" : "").Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }

    private static Option<T> Flag<T>(string name, string description) => new(name) { Description = description, Recursive = true };

    private static string? FindFile()
    {
        string personal = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "veil", FileName);
        return File.Exists(FileName) ? Path.GetFullPath(FileName) : File.Exists(personal) ? personal : null;
    }

    private static JsonObject ReadFile(string? path)
    {
        if (path is null)
        {
            return [];
        }

        try
        {
            var document = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
            JsonObject settings = JsonNode.Parse(File.ReadAllBytes(path), new JsonNodeOptions { PropertyNameCaseInsensitive = true }, document) as JsonObject
                ?? throw new SettingsException($"{path}: found no JSON object.");
            ResolvePaths(settings, Path.GetDirectoryName(Path.GetFullPath(path))!);
            return settings;
        }
        catch (JsonException failure)
        {
            throw new SettingsException($"{path}: not JSON at line {failure.LineNumber + 1}.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{path}: cannot be read.");
        }
    }

    /// <summary>Files that veil.json names lie where it lies.</summary>
    private static void ResolvePaths(JsonObject settings, string folder)
    {
        foreach (string property in PathProperties)
        {
            if (settings[property] is JsonValue value && value.TryGetValue(out string? path))
            {
                Set(settings, property, Path.GetFullPath(path, folder));
            }
        }
    }

    private static void Override(JsonObject settings, string property, string? value)
    {
        if (value is not null)
        {
            Set(settings, property, value);
        }
    }

    private static void Set(JsonObject settings, string property, JsonNode value)
    {
        settings.Remove(property);
        settings.Add(property, value);
    }

    /// <summary>One name for each gateway and issuer, whatever the spelling; a digest, since neither is checked yet and a file's name must be safe.</summary>
    internal static string DefaultWalletName(string? authority, string issuer)
    {
        string issuerName = Uri.TryCreate(issuer, UriKind.Absolute, out Uri? address) ? address.Authority : issuer;
        byte[] parties = Encoding.UTF8.GetBytes($"{authority}\n{issuerName}".ToLowerInvariant());
        return $"wallet-{Convert.ToHexStringLower(SHA256.HashData(parties).AsSpan(0, 8))}";
    }

    private static void UseDefaultWallet(JsonObject settings)
    {
        if (settings[nameof(VeilOptions.Issuer)] is { } issuer && settings[nameof(VeilOptions.WalletFile)] is null)
        {
            string name = DefaultWalletName(settings[nameof(VeilOptions.Authority)]?.ToString(), issuer.ToString());
            Set(settings, nameof(VeilOptions.WalletFile), Path.Combine(OwnFolder(), name));
        }
    }

    /// <summary>One memory of the log for each authority: without it a rollback would go unnoticed between two runs.</summary>
    private static void UseDefaultSeenLog(JsonObject settings)
    {
        if (settings[nameof(VeilOptions.TrustBundleFile)] is not null && settings[nameof(VeilOptions.SeenLogFile)] is null)
        {
            byte[] authority = Encoding.UTF8.GetBytes(settings[nameof(VeilOptions.Authority)]?.ToString().ToLowerInvariant() ?? "");
            Set(settings, nameof(VeilOptions.SeenLogFile), Path.Combine(OwnFolder(), $"log-{Convert.ToHexStringLower(SHA256.HashData(authority).AsSpan(0, 8))}"));
        }
    }

    private static string OwnFolder() =>
        Directory.CreateDirectory(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "veil")).FullName;

    private static VeilOptions Validate(JsonObject settings)
    {
        VeilOptions options;
        try
        {
            options = settings.Deserialize<VeilOptions>(Strict)!;
        }
        catch (JsonException failure)
        {
            throw new SettingsException($"{failure.Path?.TrimStart('$', '.')}: found a value of another kind, or the name is no setting.");
        }

        return VeilOptionsValidator.Problems(options) is { Count: > 0 } problems
            ? throw new SettingsException(string.Join(Environment.NewLine, problems))
            : options;
    }
}

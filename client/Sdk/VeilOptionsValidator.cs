using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>Every rule of <see cref="VeilOptions"/>, reported all at once: the property, what was found, what is allowed.</summary>
public static class VeilOptionsValidator
{
    /// <summary>One line for each problem; empty when the options can be used.</summary>
    public static IReadOnlyList<string> Problems(VeilOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();

        RequireHttps(problems, nameof(options.Relay), options.Relay, required: true);
        RequireHttps(problems, nameof(options.Issuer), options.Issuer, required: false);
        if (options.Relay is { IsAbsoluteUri: true } relay && relay.AbsolutePath is "/")
        {
            problems.Add($"Relay: found no path; name the gateway's resource at the relay, such as https://{relay.Authority}/gateway.");
        }

        if (!IsAuthority(options.Authority))
        {
            problems.Add($"Authority: found {Found(options.Authority)}; allowed is the gateway's host or host:port, such as gateway.example.");
        }

        if (options.Issuer is not null && options.WalletFile is null)
        {
            problems.Add("WalletFile: found nothing; with Issuer set, name a file to keep tokens in.");
        }

        if (options.ApiKey is not null && options.ApiKeyFile is not null)
        {
            problems.Add("ApiKeyFile: found it beside ApiKey; set one of the two.");
        }

        if (options.TrustBundleFile is { } bundleFile)
        {
            if (!TrustBundleFile.TryRead(bundleFile, out TrustBundle? bundle, out string problem))
            {
                problems.Add($"TrustBundleFile: {bundleFile}: {problem}.");
            }
            else if (!bundle!.Authority.Equals(options.Authority, StringComparison.OrdinalIgnoreCase))
            {
                problems.Add($"TrustBundleFile: found the bundle of {bundle.Authority}; allowed is that of Authority, {options.Authority}.");
            }
        }
        else if (!options.WithoutLog)
        {
            problems.Add("TrustBundleFile: found nothing; allowed is the file of the authority's trust bundle (or WithoutLog for an authority that has none: then relay and gateway together could give you keys of your own).");
        }

        if (options.WithoutLog && (options.TrustBundleFile ?? options.SeenLogFile ?? options.SecondRelay?.OriginalString) is not null)
        {
            problems.Add("WithoutLog: found true; TrustBundleFile, SeenLogFile and SecondRelay are for an authority with a log.");
        }

        RequireHttps(problems, nameof(options.SecondRelay), options.SecondRelay, required: false);
        RequireRange(problems, nameof(options.ClockTolerance), options.ClockTolerance, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        RequireCertificates(problems, nameof(options.TrustedRootsFile), options.TrustedRootsFile);
        RequireFile(problems, nameof(options.ApiKeyFile), options.ApiKeyFile);
        RequireRange(problems, nameof(options.MaxBufferedBody), options.MaxBufferedBody, 1 << 10, 64 << 20);
        RequireRange(problems, nameof(options.MaxPlainAnswer), options.MaxPlainAnswer, 64 << 10, 256 << 20);
        RequireRange(problems, nameof(options.TokenTarget), options.TokenTarget, 1, 1000);
        RequireRange(problems, nameof(options.TokenBatch), options.TokenBatch, 1, 1000);
        RequireRange(problems, nameof(options.TokenReserve), options.TokenReserve, 0, Math.Max(0, options.TokenTarget - 1));
        RequireRange(problems, nameof(options.ViewLifetime), options.ViewLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));
        RequireRange(problems, nameof(options.DateJitter), options.DateJitter, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        RequireRange(problems, nameof(options.RefillDelay), options.RefillDelay, TimeSpan.Zero, TimeSpan.FromHours(24));
        if (options.HostDrawsAhead is not (0 or (>= 2 and <= 64)))
        {
            problems.Add($"{nameof(options.HostDrawsAhead)}: found {options.HostDrawsAhead}; allowed is 0, or 2 to 64: a single one is always the next request's.");
        }

        RequireRange(problems, nameof(options.HostDrawDelay), options.HostDrawDelay, TimeSpan.Zero, TimeSpan.FromHours(1));
        RequireRange(problems, nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2));
        RequireRange(problems, nameof(options.DocumentTimeout), options.DocumentTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

        foreach (string name in options.AllowedHeaders)
        {
            if (!HeaderAllowList.MayBeAllowed(name))
            {
                problems.Add($"AllowedHeaders: found {Found(name)}; a field that carries identity, names a hop or is set by this client cannot be allowed.");
            }
        }

        foreach (JsonFieldRule rule in options.BodyRules)
        {
            if (rule.PathSuffix is null || (rule.Allow is null) == (rule.Strip is null))
            {
                problems.Add("BodyRules: found a rule without PathSuffix, or with both or neither of Allow and Strip; allowed is exactly one of them.");
            }
        }

        return problems;
    }

    private static void RequireHttps(List<string> problems, string property, Uri? found, bool required)
    {
        if (found is null ? required : !found.IsAbsoluteUri || found.Scheme != Uri.UriSchemeHttps || found.UserInfo.Length != 0
            || found.Query.Length != 0 || found.Fragment.Length != 0)
        {
            problems.Add($"{property}: found {Found(found?.OriginalString)}; allowed is an absolute https address without user, query or fragment.");
        }
    }

    private static bool IsAuthority(string? authority) =>
        authority is { Length: > 0 and <= 255 } && authority.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        && Uri.TryCreate($"https://{authority}/", UriKind.Absolute, out Uri? uri)
        && uri.UserInfo.Length == 0 && uri.AbsolutePath is "/" && uri.Query.Length == 0 && uri.Fragment.Length == 0;

    private static void RequireFile(List<string> problems, string property, string? path)
    {
        if (path is not null && !File.Exists(path))
        {
            problems.Add($"{property}: found {Found(path)}; allowed is a file that exists.");
        }
    }

    private static void RequireCertificates(List<string> problems, string property, string? path)
    {
        if (path is not null && !HasCertificates(path))
        {
            problems.Add($"{property}: found {Found(path)}; allowed is a file that exists and holds whole certificates in PEM.");
        }
    }

    private static bool HasCertificates(string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
            return certificates.Count > 0;
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }

    private static void RequireRange<T>(List<string> problems, string property, T found, T least, T most)
        where T : IComparable<T>
    {
        if (found.CompareTo(least) < 0 || found.CompareTo(most) > 0)
        {
            problems.Add($"{property}: found {found}; allowed is {least} to {most}.");
        }
    }

    private static string Found(string? value) => value is null ? "nothing" : $"\"{value}\"";
}

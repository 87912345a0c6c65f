namespace Veil.PrivacyPass;

/// <summary>One challenge or one set of credentials of an authentication field (RFC 9110 sections 11.3 and 11.4).</summary>
/// <param name="Scheme">The scheme's name as it was written; names compare without regard to letter case.</param>
/// <param name="Token68">The token68 form, or null.</param>
/// <param name="Parameters">The auth-params in order, quoted strings unquoted; names as written, possibly repeated.</param>
internal sealed record AuthChallenge(string Scheme, string? Token68, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>True when the scheme is <paramref name="scheme"/>.</summary>
    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>The value of a parameter, or null where it is absent; false when it occurs twice.</summary>
    public bool TryGetSingle(string name, out string? value)
    {
        value = null;
        foreach ((string key, string candidate) in Parameters)
        {
            if (!key.Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            if (value is not null)
                return false;

            value = candidate;
        }

        return true;
    }
}

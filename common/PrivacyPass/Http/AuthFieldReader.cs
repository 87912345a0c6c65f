using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Veil.PrivacyPass;

/// <summary>
/// Reads <c>WWW-Authenticate</c> and <c>Authorization</c> (RFC 9110 section 11): a list of <c>auth-scheme [ 1*SP ( token68 / #auth-param ) ]</c>. Commas separate both
/// parameters and challenges; which one follows shows only after the next token: a parameter goes on with "=", a scheme does not.
/// </summary>
internal ref struct AuthFieldReader
{
    /// <summary>Longest field in characters: about twenty challenges with a key each. The work is linear in the length.</summary>
    public const int MaxLength = 16 * 1024;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> Token68Characters =
        SearchValues.Create("-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private ReadOnlySpan<char> _rest;

    private AuthFieldReader(ReadOnlySpan<char> field) => _rest = field;

    /// <summary>Reads a whole field value; false when any part of it breaks the grammar.</summary>
    public static bool TryRead(ReadOnlySpan<char> field, [NotNullWhen(true)] out List<AuthChallenge>? challenges)
    {
        challenges = [];
        var reader = new AuthFieldReader(field);
        bool read = field.Length <= MaxLength && reader.SkipSeparators(first: true);
        while (read && !reader._rest.IsEmpty)
            read = reader.TryReadChallenge(challenges) && reader.SkipSeparators(first: false);

        challenges = read ? challenges : null;
        return read;
    }

    private bool TryReadChallenge(List<AuthChallenge> challenges)
    {
        ReadOnlySpan<char> scheme = TakeToken();
        if (scheme.IsEmpty)
            return false;

        var parameters = new List<KeyValuePair<string, string>>();
        string? token68 = null;
        bool complete = true;
        if (_rest.StartsWith(' '))
        {
            token68 = TakeToken68();
            complete = token68 is not null || TryReadParameters(parameters);
        }

        challenges.Add(new(scheme.ToString(), token68, parameters));
        return complete;
    }

    /// <summary>Takes parameters until the list ends or its next element is a challenge, which is left in place.</summary>
    private bool TryReadParameters(List<KeyValuePair<string, string>> parameters)
    {
        ReadOnlySpan<char> beforeSeparators = _rest;
        for (SkipEmptyElements(); !_rest.IsEmpty; SkipEmptyElements())
        {
            ReadOnlySpan<char> name = TakeToken();
            if (name.IsEmpty)
                return false;

            SkipWhitespace();
            if (!_rest.StartsWith('='))
            {
                // A token without "=" is the scheme of the next challenge: hand it back with the comma before it.
                _rest = beforeSeparators;
                return beforeSeparators.TrimStart(" \t").StartsWith(',');
            }

            _rest = _rest[1..];
            SkipWhitespace();
            if (!TryTakeValue(out string? value))
                return false;

            parameters.Add(new(name.ToString(), value));
            beforeSeparators = _rest;
            SkipWhitespace();
            if (!_rest.IsEmpty && !_rest.StartsWith(','))
                return false;
        }

        return true;
    }

    private bool TryTakeValue([NotNullWhen(true)] out string? value)
    {
        if (_rest.StartsWith('"'))
            return TryTakeQuotedString(out value);

        ReadOnlySpan<char> token = TakeToken();
        value = token.IsEmpty ? null : token.ToString();
        return value is not null;
    }

    private bool TryTakeQuotedString([NotNullWhen(true)] out string? value)
    {
        var text = new StringBuilder();
        value = null;
        for (int i = 1; i < _rest.Length; i++)
        {
            char c = _rest[i];
            if (c is '"')
            {
                value = text.ToString();
                _rest = _rest[(i + 1)..];
                return true;
            }

            if (c is '\\' && ++i < _rest.Length)
                c = _rest[i];
            if (c is (< ' ' and not '\t') or '\x7F')
                return false;

            text.Append(c);
        }

        return false;
    }

    /// <summary>The token68 that follows a scheme, when what follows is one: it ends its list element.</summary>
    private string? TakeToken68()
    {
        ReadOnlySpan<char> value = _rest.TrimStart(' ');
        int size = Length(value, Token68Characters);
        if (size == 0)
            return null;

        while (size < value.Length && value[size] is '=')
            size++;

        ReadOnlySpan<char> after = value[size..].TrimStart(" \t");
        if (!after.IsEmpty && after[0] is not ',')
            return null;

        _rest = after;
        return value[..size].ToString();
    }

    private ReadOnlySpan<char> TakeToken()
    {
        int size = Length(_rest, TokenCharacters);
        ReadOnlySpan<char> token = _rest[..size];
        _rest = _rest[size..];
        return token;
    }

    /// <summary>Skips commas and white space between challenges; false when one follows another without a comma.</summary>
    private bool SkipSeparators(bool first)
    {
        SkipWhitespace();
        bool separated = first || _rest.IsEmpty || _rest[0] is ',';
        SkipEmptyElements();
        return separated;
    }

    private void SkipEmptyElements() => _rest = _rest.TrimStart(" \t,");

    private void SkipWhitespace() => _rest = _rest.TrimStart(" \t");

    private static int Length(ReadOnlySpan<char> text, SearchValues<char> characters)
    {
        int end = text.IndexOfAnyExcept(characters);
        return end < 0 ? text.Length : end;
    }
}

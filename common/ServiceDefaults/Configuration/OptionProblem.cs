namespace Veil.ServiceDefaults;

/// <summary>One wrong setting, in the form in which an operator reads it.</summary>
/// <param name="Property">Full name, such as <c>Server:Listen</c>.</param>
/// <param name="Found">What stands there: a quoted value, or <c>nothing</c>.</param>
/// <param name="Allowed">What may stand there.</param>
public readonly record struct OptionProblem(string Property, string Found, string Allowed)
{
    /// <summary>Quotes a value for <see cref="Found"/>; nothing and the empty text are told apart.</summary>
    public static string Quote(object? value) => value is null ? "nothing" : $"\"{value}\"";

    /// <inheritdoc/>
    public override string ToString() => $"{Property}: found {Found}; allowed: {Allowed}";
}

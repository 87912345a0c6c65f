using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Veil.ServiceDefaults;

/// <summary>Compares a configuration section with the type that it is bound to: unknown keys and values that do not convert.</summary>
internal static class ConfigurationShape
{
    public static List<OptionProblem> Check(IConfigurationSection section, Type type)
    {
        var problems = new List<OptionProblem>();
        Walk(section, new OptionType(type), problems);
        return problems;
    }

    private static void Walk(IConfigurationSection section, OptionType type, List<OptionProblem> problems)
    {
        if (type.IsValue)
        {
            CheckValue(section, type.Unwrapped, problems);
            return;
        }
        if (!string.IsNullOrEmpty(section.Value))
        {
            problems.Add(new(section.Path, OptionProblem.Quote(section.Value), type.Element is null ? "a group of settings" : "a list"));
            return;
        }
        Type? each = type.DictionaryValue ?? type.Element;
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (each is not null)
                Walk(child, new OptionType(each), problems);
            else if (type.Properties.FirstOrDefault(property => Matches(property, child.Key)) is { } property)
                Walk(child, new OptionType(property.PropertyType), problems);
            else
                problems.Add(new(child.Path, "an unknown setting", string.Join(", ", type.Properties.Where(IsBound).Select(known => known.Name).Order(StringComparer.Ordinal))));
        }
    }

    private static bool Matches(PropertyInfo property, string key) => IsBound(property) && property.Name.Equals(key, StringComparison.OrdinalIgnoreCase);

    private static bool IsBound(PropertyInfo property) => property.SetMethod is { IsPublic: true } || !new OptionType(property.PropertyType).IsValue;

    private static void CheckValue(IConfigurationSection section, Type type, List<OptionProblem> problems)
    {
        if (section.GetChildren().Any())
            problems.Add(new(section.Path, "a group of settings", Describe(type)));
        else if (section.Value is { } text && type != typeof(string) && !Converts(text, type))
            problems.Add(new(section.Path, OptionProblem.Quote(text), Describe(type)));
    }

    private static bool Converts(string text, Type type)
    {
        if (type == typeof(byte[]))
            return Convert.TryFromBase64String(text, new byte[text.Length], out _);
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or NotSupportedException or OverflowException
            || failure.InnerException is FormatException or OverflowException)
        {
            return false;
        }
    }

    private static string Describe(Type type) =>
        type.IsEnum ? string.Join(", ", Enum.GetNames(type))
        : type == typeof(TimeSpan) ? "a time as hours:minutes:seconds, such as 00:00:30"
        : type == typeof(bool) ? "true or false"
        : type == typeof(Uri) ? "a URL"
        : type == typeof(byte[]) ? "base64"
        : type == typeof(string) ? "one value"
        : type == typeof(double) || type == typeof(decimal) ? "a number"
        : type.IsPrimitive ? "a whole number"
        : $"a {type.Name}";
}

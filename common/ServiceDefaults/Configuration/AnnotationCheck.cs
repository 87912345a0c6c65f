using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Veil.ServiceDefaults;

/// <summary>Applies the data annotations of an options object and of everything in it.</summary>
internal static class AnnotationCheck
{
    public static List<OptionProblem> Check(string path, object options)
    {
        var problems = new List<OptionProblem>();
        Walk(path, options, problems);
        return problems;
    }

    private static void Walk(string path, object value, List<OptionProblem> problems)
    {
        if (value is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
                WalkInto($"{path}:{entry.Key}", entry.Value, problems);
        }
        else if (value is IEnumerable list)
        {
            int index = 0;
            foreach (object? item in list)
                WalkInto(string.Create(CultureInfo.InvariantCulture, $"{path}:{index++}"), item, problems);
        }
        else
        {
            foreach (PropertyInfo property in new OptionType(value.GetType()).Properties)
                CheckProperty($"{path}:{property.Name}", property, value, problems);
        }
    }

    private static void CheckProperty(string path, PropertyInfo property, object owner, List<OptionProblem> problems)
    {
        object? value = property.GetValue(owner);
        var context = new ValidationContext(owner) { MemberName = property.Name, DisplayName = property.Name };
        foreach (ValidationAttribute attribute in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (attribute.GetValidationResult(value, context) == ValidationResult.Success)
                continue;
            problems.Add(new(path, Found(property, value), Allowed(attribute, property.Name)));
            return;
        }
        WalkInto(path, value, problems);
    }

    private static void WalkInto(string path, object? value, List<OptionProblem> problems)
    {
        if (value is not null && !new OptionType(value.GetType()).IsValue)
            Walk(path, value, problems);
    }

    private static string Found(PropertyInfo property, object? value) =>
        value is string { Length: > 0 } text && property.IsDefined(typeof(SecretAttribute))
            ? string.Create(CultureInfo.InvariantCulture, $"a secret of {text.Length} characters")
            : value is not null && !new OptionType(value.GetType()).IsValue ? "an empty or too long list" : OptionProblem.Quote(value);

    private static string Allowed(ValidationAttribute attribute, string name) => attribute switch
    {
        { ErrorMessage: { } text } => text,
        RequiredAttribute => "a value (required)",
        RangeAttribute range => $"{range.Minimum} to {range.Maximum}",
        MinLengthAttribute least => string.Create(CultureInfo.InvariantCulture, $"{least.Length} or more"),
        MaxLengthAttribute most => string.Create(CultureInfo.InvariantCulture, $"{most.Length} at most"),
        StringLengthAttribute length => string.Create(CultureInfo.InvariantCulture, $"{length.MinimumLength} to {length.MaximumLength} characters"),
        RegularExpressionAttribute pattern => $"text of the form {pattern.Pattern}",
        AllowedValuesAttribute values => string.Join(", ", values.Values),
        _ => attribute.FormatErrorMessage(name),
    };
}

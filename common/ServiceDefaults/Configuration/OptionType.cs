using System.ComponentModel;
using System.Reflection;

namespace Veil.ServiceDefaults;

/// <summary>How the configuration binder sees a type: one value, a list, a dictionary, or an object with properties.</summary>
internal readonly record struct OptionType(Type Type)
{
    public Type Unwrapped => Nullable.GetUnderlyingType(Type) ?? Type;

    public bool IsValue => Unwrapped == typeof(byte[]) || Unwrapped == typeof(string) || TypeDescriptor.GetConverter(Unwrapped).CanConvertFrom(typeof(string));

    public Type? DictionaryValue => Generic(typeof(IReadOnlyDictionary<,>))?[1] ?? Generic(typeof(IDictionary<,>))?[1];

    public Type? Element => IsValue || DictionaryValue is not null ? null : Generic(typeof(IEnumerable<>))?[0];

    public IEnumerable<PropertyInfo> Properties =>
        Unwrapped.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0);

    private Type[]? Generic(Type definition) =>
        Unwrapped.GetInterfaces().Append(Unwrapped)
            .FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == definition)?.GetGenericArguments();
}

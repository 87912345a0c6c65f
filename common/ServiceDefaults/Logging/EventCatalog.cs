using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Veil.ServiceDefaults;

/// <summary>The events that may be written: those declared with <see cref="LoggerMessageAttribute"/> in one <c>Log</c> class.</summary>
/// <remarks>An event belongs to a category when the category lies in the class's namespace or below it.</remarks>
internal sealed class EventCatalog
{
    private readonly string _namespace;
    private readonly Dictionary<int, string> _names = [];

    public EventCatalog(Type log)
    {
        _namespace = log.Namespace ?? "";
        foreach (MethodInfo method in log.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (method.GetCustomAttribute<LoggerMessageAttribute>() is { } declared && !_names.TryAdd(declared.EventId, method.Name))
                throw new InvalidOperationException($"{log.FullName} declares event {declared.EventId} twice.");
        }
    }

    public bool Covers(string category) =>
        category.StartsWith(_namespace, StringComparison.Ordinal) && (category.Length == _namespace.Length || category[_namespace.Length] == '.');

    /// <summary>The event's name, or null when it is not declared.</summary>
    public string? NameOf(EventId id) => _names.TryGetValue(id.Id, out string? name) && (id.Name is null || id.Name == name) ? name : null;
}

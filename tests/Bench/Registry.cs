namespace Veil.Bench;

/// <summary>Every bench and every child process of this assembly, by name.</summary>
internal static class Registry
{
    public static IReadOnlyList<IBench> Benches { get; } = [.. Find<IBench>().OrderBy(bench => bench.Name, StringComparer.Ordinal)];

    public static IReadOnlyList<IBenchChild> Children { get; } = [.. Find<IBenchChild>().OrderBy(child => child.Name, StringComparer.Ordinal)];

    private static IEnumerable<T> Find<T>() =>
        typeof(Registry).Assembly.GetTypes()
            .Where(type => type.IsClass && typeof(T).IsAssignableFrom(type))
            .Select(type => (T)Activator.CreateInstance(type)!);
}

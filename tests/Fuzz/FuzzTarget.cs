using System.Reflection;

namespace Veil.Fuzz;

/// <summary>Feeds one input to a parser. Refusing it is fine; an exception that leaves the method is a find.</summary>
public delegate void FuzzBody(ReadOnlySpan<byte> input);

/// <summary>
/// One parser under fuzz: a static class <c>NAMETarget</c> in <c>Targets/</c> with a method <c>static void Fuzz(ReadOnlySpan&lt;byte&gt; input)</c>,
/// and beside it the folder <c>corpus/NAME</c> with at least one input. Being there is being registered.
/// </summary>
public sealed record FuzzTarget(string Name, FuzzBody Fuzz)
{
    private const string Suffix = "Target";

    /// <summary>Every target of this assembly, by name.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. typeof(FuzzTarget).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: true, IsSealed: true } && type.Name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(type => (type.Name, Method: type.GetMethod("Fuzz", BindingFlags.Public | BindingFlags.Static, [typeof(ReadOnlySpan<byte>)])))
            .Where(found => found.Method is not null)
            .OrderBy(found => found.Name, StringComparer.Ordinal)
            .Select(found => new FuzzTarget(found.Name[..^Suffix.Length], found.Method!.CreateDelegate<FuzzBody>())),
    ];

    /// <summary>The target of that name.</summary>
    public static FuzzTarget Named(string name) => All.Single(target => target.Name == name);
}

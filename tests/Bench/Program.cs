using Veil.Bench;

string[] names = [.. args.Where(arg => arg is not "--json")];
if (names is ["child", var child, .. var rest] && Registry.Children.FirstOrDefault(found => found.Name == child) is { } process)
    return await process.RunAsync(rest);

if (names is not [var name] || Registry.Benches.FirstOrDefault(found => found.Name == name) is not { } bench)
{
    if (names.Length > 0)
        Console.Error.WriteLine($"There is no bench '{string.Join(' ', names)}'.");
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Bench -- NAME [--json]");
    foreach (IBench known in Registry.Benches)
        Console.Error.WriteLine($"  {known.Name,-12} {known.Description}");
    return 2;
}

IReadOnlyList<BenchResult> results;
try
{
    results = await bench.RunAsync();
}
catch (BenchException failure)
{
    Console.Error.WriteLine($"{name}: {failure.Message}");
    return 2;
}

if (args.Contains("--json"))
    BenchReport.WriteJson(Console.Out, results);
else
    BenchReport.WriteTable(Console.Out, results);
return results.All(result => result.Met) ? 0 : 1;

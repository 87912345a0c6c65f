using System.Diagnostics;
using System.Globalization;
using Veil.Proofs;

IProof[] proofs =
[
    .. typeof(IProof).Assembly.GetTypes()
        .Where(type => type.IsClass && !type.IsAbstract && typeof(IProof).IsAssignableFrom(type))
        .Select(type => (IProof)Activator.CreateInstance(type)!)
        .OrderBy(proof => proof.Name, StringComparer.Ordinal),
];

int seed = args is [_, "--seed", var text] && int.TryParse(text, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
if (args is not ([_] or [_, "--seed", _]) || proofs.FirstOrDefault(found => found.Name == args[0]) is not { } proof)
{
    if (args.Length > 0)
        Console.Error.WriteLine($"There is no proof '{string.Join(' ', args)}'.");
    Console.WriteLine("usage: ops/prove.sh NAME [--seed N]");
    foreach (IProof known in proofs)
        Console.WriteLine($"  {known.Name,-20} {known.Minutes,3} min  {known.Description}");
    return args.Length > 0 ? 2 : 0;
}

var context = new ProofContext(Full: true, seed, line => Console.Error.WriteLine(line), CancellationToken.None);
Console.Error.WriteLine($"{proof.Name}: about {proof.Minutes} min, seed {seed}");
var clock = Stopwatch.StartNew();
ProofResult result;
try
{
    result = await proof.RunAsync(context);
}
catch (Exception failure)
{
    Console.Error.WriteLine(failure);
    result = new ProofResult(false, new Dictionary<string, object>(), new Dictionary<string, object> { ["failure"] = failure.GetType().Name });
}

string record = ProofRecord.Write(proof, context, result, clock.Elapsed);
Console.WriteLine($"{(result.Passed ? "shown" : "NOT SHOWN")}: {proof.Name}, written to {Path.GetRelativePath(Environment.CurrentDirectory, record)}");
return result.Passed ? 0 : 1;

using System.Text.Json;
using Veil.SoftwareTee.Forgeries;

namespace Veil.SoftwareTee;

/// <summary><c>forgeries</c>: lists the attacks that this program can make.</summary>
internal static class ForgeriesCommand
{
    private const string Usage = """
        usage: Veil.SoftwareTee forgeries [--json]

        Lists the attacks on verifiers of evidence that this program can make: their item in the list of attacks, the kind of
        machine, the name for "record --forge" and for SoftwareTee:Fault of a host that runs, the check that refuses it, and what
        is wrong. Those of kind "any" are wrong in the record and not in the evidence: a running host cannot make them.
        """;

    public static int Run(string[] args)
    {
        if (args is ["--help" or "-h" or "-?"])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        if (args.FirstOrDefault(arg => arg is not "--json") is { } wrong)
        {
            Console.Error.WriteLine($"veil-software-tee forgeries: found \"{wrong}\"; --help says what is allowed");
            return 2;
        }

        int width = ForgeryList.All.Max(forgery => forgery.Name.Length) + 2;
        foreach (Forgery forgery in ForgeryList.All)
        {
            string kind = forgery is RecordForgery ? "any" : forgery.Kinds[0];
            Console.WriteLine(args.Length > 0
                ? JsonSerializer.Serialize(new { item = forgery.Item, kind, name = forgery.Name, refused_by = forgery.RefusedBy, tells = forgery.Tells })
                : $"{forgery.Item,-4}{kind,-9}{forgery.Name.PadRight(width)}{forgery.RefusedBy,-22}{forgery.Tells}");
        }

        return 0;
    }
}

using System.Text.Json;

namespace Veil.Issuer;

/// <summary>What a verb prints: lines for people, or one line of JSON for programs.</summary>
internal sealed class CommandOutput(TextWriter output, bool asJson)
{
    /// <summary>Prints one of the two.</summary>
    /// <param name="json">Serialized as it is.</param>
    /// <param name="lines">For people.</param>
    public void Write(object json, params IEnumerable<string> lines)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(json));
            return;
        }

        foreach (string line in lines)
        {
            output.WriteLine(line);
        }
    }
}

using Veil.Ohttp;

namespace Veil.Fuzz.Targets;

/// <summary>A configuration that parses is written as the same bytes; a collection that parses and holds no unknown KEM likewise.</summary>
public static class KeyConfigTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (KeyConfig.TryParse(input, out KeyConfig? config, out _) && !input.SequenceEqual(config.Write()))
            throw new InvalidOperationException("A key configuration changed when it was written again.");
        if (!KeyConfig.TryParseCollection(input, out IReadOnlyList<KeyConfig>? configs, out _) || configs.Count == 0)
            return;

        byte[] again = KeyConfig.WriteCollection(configs);
        if (again.Length > input.Length || (again.Length == input.Length && !input.SequenceEqual(again)))
            throw new InvalidOperationException("A collection of key configurations changed when it was written again.");
    }
}

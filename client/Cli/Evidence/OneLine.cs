using System.Globalization;

namespace Veil.ClientCli.Evidence;

/// <summary>Text out of evidence and file names on one line of a terminal: what would end a line, move the cursor or turn the order of letters is shown as U+FFFD.</summary>
internal static class OneLine
{
    public static string Of(string text) => string.Create(text.Length, text, static (line, source) =>
    {
        for (int i = 0; i < line.Length; i++)
            line[i] = IsPlain(source[i]) ? source[i] : '\uFFFD';
    });

    private static bool IsPlain(char character) => char.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}

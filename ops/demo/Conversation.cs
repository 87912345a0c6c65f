namespace Veil.DevStack;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks: <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What is said.</param>
public sealed record Message(string Role, string Content);

/// <summary>Reads what is to be summarised: lines <c>user: …</c> and <c>assistant: …</c>; a line without either goes on the one before, and text without any is one user message.</summary>
public static class Conversation
{
    private static readonly string[] Roles = ["user", "assistant"];

    private const int MostCharacters = 4 * 1024 * 1024;

    /// <summary>The conversation that comes with the demo.</summary>
    public static IReadOnlyList<Message> Sample()
    {
        using Stream sample = typeof(Conversation).Assembly.GetManifestResourceStream("sample-conversation.txt")!;
        using var reader = new StreamReader(sample);
        return Parse(reader.ReadToEnd(), "the sample");
    }

    /// <summary>Reads a file, or standard input where <paramref name="path"/> is <c>-</c>.</summary>
    /// <exception cref="DevStackException">It cannot be read, or holds nothing.</exception>
    public static IReadOnlyList<Message> Read(string path)
    {
        try
        {
            return path == "-" ? Parse(Console.In.ReadToEnd(), "standard input") : Parse(File.ReadAllText(path), path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DevStackException($"The input {path} cannot be read: {failure.Message}", failure);
        }
    }

    private static List<Message> Parse(string text, string source)
    {
        if (text.Length > MostCharacters)
        {
            throw new DevStackException($"The input {source} is too long: {text.Length:N0} characters, at most {MostCharacters:N0} are taken.");
        }

        var messages = new List<Message>();
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string? role = Roles.FirstOrDefault(known => line.StartsWith(known + ":", StringComparison.OrdinalIgnoreCase));
            if (role is not null)
            {
                messages.Add(new Message(role, line[(role.Length + 1)..].Trim()));
            }
            else if (messages.Count == 0)
            {
                messages.Add(new Message("user", line));
            }
            else
            {
                messages[^1] = messages[^1] with { Content = $"{messages[^1].Content}\n{line}" };
            }
        }

        return messages.Exists(message => message.Content.Any(char.IsLetterOrDigit))
            ? messages
            : throw new DevStackException($"The input {source} is empty: give it a text or a conversation (lines \"user: …\" and \"assistant: …\").");
    }
}

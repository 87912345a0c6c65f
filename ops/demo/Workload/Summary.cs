namespace Veil.Workload;

/// <summary>
/// An extractive summary: the sentences of a conversation that say most of what it is about, in the order in which they
/// were said. The same conversation always gives the same summary: nothing is random and ties go to the earlier sentence.
/// </summary>
internal static class Summary
{
    private const int MostSentences = 5;

    /// <summary>The first sentence usually says what it is all about.</summary>
    private const double OpeningBonus = 1.5;

    /// <summary>Words that carry no topic.</summary>
    private static readonly HashSet<string> StopWords = new(
        """
        a about after all also am an and any are as at be because been before being but by can could did do does doing down for from get go had
        has have having he her here him his how i if in into is it its just like let me more most my no not now of off on once only or other our
        out over own please re same she should so some such than that the their them then there these they this those through to too under until
        up us very was we were what when where which while who will with would yes you your
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    /// <summary>Picks about a quarter of the sentences, at least one and at most five; none when nothing was said.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<ChatMessage> messages)
    {
        Sentence[] sentences = [.. messages
            .Where(message => message.Role is "user" or "assistant")
            .SelectMany(message => Split(message.Content))
            .Select((text, position) => new Sentence(position, text, TopicWords(text)))];
        if (sentences.Length == 0)
        {
            return [];
        }

        Dictionary<string, int> frequency = sentences
            .SelectMany(sentence => sentence.Words)
            .GroupBy(word => word, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);

        int wanted = Math.Clamp((sentences.Length + 3) / 4, 1, MostSentences);
        var picked = new List<Sentence>(wanted);
        var covered = new HashSet<string>(StringComparer.Ordinal);
        while (picked.Count < wanted)
        {
            // A word counts fully the first time and hardly ever after, so that the summary does not say one thing twice.
            Sentence best = sentences.Except(picked)
                .OrderByDescending(sentence => Score(sentence, frequency, covered) * (sentence.Position == 0 ? OpeningBonus : 1))
                .ThenBy(sentence => sentence.Position)
                .First();
            picked.Add(best);
            covered.UnionWith(best.Words);
        }

        return [.. picked.OrderBy(sentence => sentence.Position).Select(sentence => sentence.Text)];
    }

    private static double Score(Sentence sentence, Dictionary<string, int> frequency, HashSet<string> covered) =>
        sentence.Words.Count == 0
            ? 0
            : sentence.Words.Sum(word => Math.Log(1 + frequency[word]) * (covered.Contains(word) ? 0.1 : 1)) / Math.Sqrt(4 + sentence.Words.Count);

    private static HashSet<string> TopicWords(string text) =>
        text.Split(text.Where(letter => !char.IsLetterOrDigit(letter) && letter is not '\'').Distinct().ToArray(), StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('\'').ToLowerInvariant())
            .Where(word => word.Length > 1 && !StopWords.Contains(word))
            .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Split(string text)
    {
        int start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            bool ends = text[at] is '\n' || (text[at] is '.' or '!' or '?' && (at + 1 == text.Length || char.IsWhiteSpace(text[at + 1])));
            if (ends || at + 1 == text.Length)
            {
                string sentence = text[start..(at + 1)].Trim();
                start = at + 1;
                if (sentence.Any(char.IsLetterOrDigit))
                {
                    yield return sentence;
                }
            }
        }
    }

    private sealed record Sentence(int Position, string Text, HashSet<string> Words);
}

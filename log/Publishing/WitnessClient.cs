using System.Net;
using System.Text;
using Veil.Transparency;

namespace Veil.TransparencyLog.Publishing;

/// <summary>Asks one witness to cosign (C2SP tlog-witness), and remembers how far it has seen the log.</summary>
internal sealed class WitnessClient(WitnessEndpoint endpoint, NoteVerifierKey key, HttpClient http, TimeProvider time)
{
    /// <summary>How far a witness's clock may be from this one: the time of a checkpoint is what its witnesses say, and one wrong clock must not be among those that count.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    /// <summary>Longest answer in bytes: a few signature lines.</summary>
    public const int MaxAnswer = 64 << 10;

    private long _seen;

    /// <summary>The witness's name.</summary>
    public string Name => key.Name;

    /// <summary>A cosignature line over the checkpoint, verified; null with the reason when there is none.</summary>
    /// <param name="checkpoint">The signed note.</param>
    /// <param name="tree">What proves that it continues what the witness saw.</param>
    /// <param name="size">Its size.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(byte[]? Line, string Reason)> CosignAsync(byte[] checkpoint, GrowingTree tree, long size, CancellationToken cancellationToken)
    {
        try
        {
            // Twice at most: once more where the witness says how far it has really seen.
            for (int attempt = 0; attempt < 2; attempt++)
            {
                using var content = new ByteArrayContent(Body(checkpoint, tree, Math.Min(_seen, size), size));
                using HttpResponseMessage answer = await http.PostAsync(new Uri($"{endpoint.Url!.AbsoluteUri.TrimEnd('/')}/add-checkpoint"), content, cancellationToken);
                byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
                if (answer.StatusCode is HttpStatusCode.Conflict && long.TryParse(Encoding.ASCII.GetString(body).TrimEnd('\n'), out long seen) && seen >= 0 && seen <= size)
                {
                    _seen = seen;
                    continue;
                }

                if (answer.StatusCode is not HttpStatusCode.OK)
                    return (null, $"status {(int)answer.StatusCode}");

                // Its own line over this very text is taken and nothing else: whatever more it sent, no reader of the log has to cope with it.
                if (!SignedNote.TryOpen((byte[])[.. TextOf(checkpoint), (byte)'\n', .. body], [key], out SignedNote? note) || !note.Text.Span.SequenceEqual(TextOf(checkpoint)))
                    return (null, "its cosignature does not verify");
                _seen = size;
                TimeSpan off = TimeSpan.FromSeconds(Math.Clamp(note.Signatures[0].Time - (double)time.GetUtcNow().ToUnixTimeSeconds(), -1e9, 1e9));
                if (off.Duration() > ClockTolerance)
                    return (null, $"its clock is {off.TotalSeconds:+0;-0} s away from this one");
                return (note.Signatures[0].Line.ToArray(), "");
            }

            return (null, "it has seen another log");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return (null, cancellationToken.IsCancellationRequested ? "no answer in time" : failure.GetType().Name);
        }
    }

    /// <summary>A note's text, with its last line end.</summary>
    public static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> note) => note[..(note.LastIndexOf("\n\n"u8) + 1)];

    private static byte[] Body(byte[] checkpoint, GrowingTree tree, long old, long size)
    {
        var text = new StringBuilder($"old {old}\n");
        if (old > 0 && old < size)
        {
            foreach (ReadOnlyMemory<byte> hash in tree.ProveConsistency(old, size))
                text.Append(Convert.ToBase64String(hash.Span)).Append('\n');
        }

        return [.. Encoding.ASCII.GetBytes(text.Append('\n').ToString()), .. checkpoint];
    }
}

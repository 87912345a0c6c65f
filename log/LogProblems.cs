using Veil.ServiceDefaults;

namespace Veil.TransparencyLog;

/// <summary>The closed set of refusals of log and witness.</summary>
internal static class LogProblems
{
    public static readonly Problem NoSuchResource = Make(404, "no-such-resource", "There is no such resource.");
    public static readonly Problem WrongMethod = Make(405, "wrong-method", "This resource is not asked in that way.");
    public static readonly Problem NotAPublisher = Make(401, "not-a-publisher", "Only configured publishers append.");
    public static readonly Problem BadEntry = Make(400, "bad-entry", "The content must be one entry of 1 to 65,535 bytes, the index a whole number.");
    public static readonly Problem NotWitnessed = Make(503, "not-witnessed", "The entry is in the log, and too few witnesses cosigned; send it again.");
    public static readonly Problem NotWritten = Make(503, "not-written", "The log's folder cannot be written; nothing was added or acknowledged.");

    private static Problem Make(int status, string type, string title) => new(status, $"urn:veil:problem:log:{type}", title);
}

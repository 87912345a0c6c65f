namespace Veil.Bench;

/// <summary>A bench cannot run here; the message is one line that says what to do.</summary>
internal sealed class BenchException(string message, Exception? cause) : Exception(message, cause);

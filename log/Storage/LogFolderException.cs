namespace Veil.TransparencyLog.Storage;

/// <summary>The log's folder cannot be used; the message says why in one line.</summary>
internal sealed class LogFolderException(string message, Exception inner) : Exception(message, inner);

namespace Veil.ServiceDefaults;

/// <summary>A start that cannot succeed; the message is the one line that the operator reads.</summary>
public sealed class StartupException : Exception
{
    /// <summary>A failed start with the line to show.</summary>
    public StartupException(string message)
        : base(message)
    {
    }

    /// <summary>A failed start with the line to show and what caused it.</summary>
    public StartupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A failed start without a line; exists for the framework's conventions only.</summary>
    public StartupException()
    {
    }
}

namespace Veil.DevStack;

/// <summary>The stack cannot start or go on; the message is one line for a person and says what to do.</summary>
public sealed class DevStackException : Exception
{
    /// <summary>With the line to show.</summary>
    public DevStackException(string message)
        : base(message)
    {
    }

    /// <summary>With the line to show and what led to it.</summary>
    public DevStackException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

namespace Veil.KeyStore;

/// <summary>Keys cannot be read or written as they are: the message names the file or setting and what to do, and holds no secret.</summary>
public sealed class KeyStoreException : Exception
{
    /// <param name="message">One line for the operator.</param>
    public KeyStoreException(string message)
        : base(message)
    {
    }

    /// <param name="message">One line for the operator.</param>
    /// <param name="inner">What the platform said.</param>
    public KeyStoreException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

namespace Veil.HostAgent;

/// <summary>The TEE is not there or did not do what was asked; the message is fit for the operator's eyes and names no key.</summary>
public sealed class AttesterException : Exception
{
    /// <summary>A failure with its reason.</summary>
    public AttesterException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with its reason and what caused it.</summary>
    public AttesterException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A failure without a reason; exists for the framework's conventions only.</summary>
    public AttesterException()
    {
    }
}

namespace Veil.Bhttp;

/// <summary>Status and header section of a response, informational (100 to 199) or final (200 to 599) (RFC 9292 section 3.5).</summary>
public sealed class ResponseHead
{
    /// <summary>A head to be sent.</summary>
    /// <param name="status">100 to 599.</param>
    /// <param name="headers">The header section; null for an empty one.</param>
    public ResponseHead(int status, FieldSection? headers = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        Status = status;
        Headers = headers ?? new FieldSection();
    }

    /// <summary>The status code.</summary>
    public int Status { get; }

    /// <summary>The header section.</summary>
    public FieldSection Headers { get; }

    /// <summary>True below 200: another head follows.</summary>
    public bool IsInformational => Status < 200;

    /// <summary>Bytes of the status on the wire.</summary>
    internal const int StatusSize = 2;
}

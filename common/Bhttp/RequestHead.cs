using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>Control data and header section of a request (RFC 9292 section 3.4).</summary>
public sealed class RequestHead
{
    /// <summary>A head to be sent.</summary>
    /// <param name="method">A token, for example <c>GET</c>; never CONNECT.</param>
    /// <param name="scheme">For example <c>https</c>.</param>
    /// <param name="authority">Host and, unless it is the scheme's own, port; may be empty when a Host field says it.</param>
    /// <param name="path">Path and query, starting with a slash; <c>*</c> for OPTIONS of the whole server.</param>
    /// <param name="headers">The header section; null for an empty one.</param>
    /// <exception cref="ArgumentException">A part is not acceptable; the message is the <see cref="BhttpError"/>.</exception>
    public RequestHead(string method, string scheme, string authority, string path, FieldSection? headers = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(authority);
        ArgumentNullException.ThrowIfNull(path);
        (Method, Scheme, Authority, Path, Headers) = (method, scheme, authority, path, headers ?? new FieldSection());
        if (Check() is not BhttpError.None and BhttpError error)
            throw new ArgumentException($"Not a request: {error}.");
    }

    private RequestHead(string[] parts, FieldSection headers) =>
        (Method, Scheme, Authority, Path, Headers) = (parts[0], parts[1], parts[2], parts[3], headers);

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>The scheme.</summary>
    public string Scheme { get; }

    /// <summary>The authority as sent, possibly empty; a Host field is not copied here.</summary>
    public string Authority { get; }

    /// <summary>Path and query.</summary>
    public string Path { get; }

    /// <summary>The header section.</summary>
    public FieldSection Headers { get; }

    /// <summary>Bytes of the control data on the wire, without the framing indicator.</summary>
    internal int ControlDataSize =>
        FieldLine.VectorSize(Method.Length) + FieldLine.VectorSize(Scheme.Length) + FieldLine.VectorSize(Authority.Length) + FieldLine.VectorSize(Path.Length);

    internal static BhttpError TryCreate(string[] parts, FieldSection headers, out RequestHead? head)
    {
        head = new RequestHead(parts, headers);
        BhttpError error = head.Check();
        head = error is BhttpError.None ? head : null;
        return error;
    }

    internal void WriteControlData(ref WireWriter writer)
    {
        FieldSection.WriteText(ref writer, Method);
        FieldSection.WriteText(ref writer, Scheme);
        FieldSection.WriteText(ref writer, Authority);
        FieldSection.WriteText(ref writer, Path);
    }

    private BhttpError Check()
    {
        BhttpError error = ControlDataRules.Check(Method, Scheme, Authority, Path);
        return error is BhttpError.None && HostDiffers() ? BhttpError.AuthorityConflict : error;
    }

    /// <summary>Two names for the server would let two readers disagree about where the request goes.</summary>
    private bool HostDiffers()
    {
        string name = Authority;
        foreach (FieldLine line in Headers)
        {
            if (line.Name is not "host")
                continue;
            if (name.Length is not 0 && !name.Equals(line.Value, StringComparison.OrdinalIgnoreCase))
                return true;
            name = line.Value;
        }

        return false;
    }
}

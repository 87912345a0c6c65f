using System.Net.Http.Headers;
using Veil.Bhttp;

namespace Veil.ClientSdk;

/// <summary>
/// A caller's request as it will stand inside the encryption: rebuilt from its parts, fields by allow-list, the body filtered and held where it can be.
/// Each sending adds a date and tokens of its own.
/// </summary>
internal sealed class InnerRequest
{
    private readonly string _method;
    private readonly string _path;
    private readonly FieldSection _headers;

    private InnerRequest(string method, string authority, string path, FieldSection headers, ReadOnlyMemory<byte> body, HttpContent? stream)
    {
        _method = method;
        Authority = authority;
        _path = path;
        _headers = headers;
        Body = body;
        Stream = stream;
    }

    /// <summary>Host, and port where it is not 443.</summary>
    public string Authority { get; }

    /// <summary>The whole body, unless it is a <see cref="Stream"/>.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>A body that is too large to hold, or of unknown size: it can be sent once.</summary>
    public HttpContent? Stream { get; }

    /// <summary>True when the same request can be sealed again.</summary>
    public bool IsRepeatable => Stream is null;

    /// <exception cref="VeilException">The request cannot be sent privately as it is.</exception>
    public static async Task<InnerRequest> PrepareAsync(
        HttpRequestMessage request, VeilOptions options, HeaderAllowList allowed, JsonFieldFilter filter, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true, UserInfo.Length: 0 } uri || uri.Scheme != Uri.UriSchemeHttps)
        {
            throw Refuse("the address must be absolute, https and without user.");
        }

        if (request.Method == HttpMethod.Connect || request.Method == HttpMethod.Trace)
        {
            throw Refuse($"{request.Method} makes no sense inside.");
        }

        var headers = new FieldSection();
        AddFields(headers, request.Headers, allowed);
        (ReadOnlyMemory<byte> body, HttpContent? stream) = request.Content is { } content
            ? await PrepareBodyAsync(content, uri.AbsolutePath, options, filter, cancellationToken).ConfigureAwait(false)
            : default;
        if (request.Content is not null)
        {
            AddFields(headers, request.Content.Headers, allowed);
        }

        string authority = uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";
        return new InnerRequest(request.Method.Method, authority, uri.PathAndQuery, headers, body, stream);
    }

    /// <summary>Length of the body in bytes where it is known before it is sent.</summary>
    public long? Length => Stream is null ? Body.Length : Stream.Headers.ContentLength;

    /// <summary>The head of one sending, with one authorization field line for each token.</summary>
    public RequestHead Head(string date, IEnumerable<string> authorizations)
    {
        var headers = new FieldSection();
        foreach (FieldLine line in _headers)
        {
            headers.Add(line.Name, line.Value);
        }

        headers.Add("date", date);
        foreach (string authorization in authorizations)
        {
            headers.Add("authorization", authorization);
        }

        return new RequestHead(_method, Uri.UriSchemeHttps, Authority, _path, headers);
    }

    private static void AddFields(FieldSection fields, HttpHeaders source, HeaderAllowList allowed)
    {
        foreach ((string name, HeaderStringValues values) in source.NonValidated)
        {
            if (!allowed.Allows(name))
            {
                continue;
            }

            foreach (string value in values)
            {
                if (!fields.TryAdd(name, value))
                {
                    throw Refuse($"the value of {name} cannot be sent.");
                }
            }
        }
    }

    private static async Task<(ReadOnlyMemory<byte> Body, HttpContent? Stream)> PrepareBodyAsync(
        HttpContent content, string path, VeilOptions options, JsonFieldFilter filter, CancellationToken cancellationToken)
    {
        bool filtered = filter.Requires(path, content.Headers.ContentType?.MediaType);
        if ((!filtered && options.Chunked && content.Headers.ContentLength is null) || content.Headers.ContentLength > options.MaxBufferedBody)
        {
            return filtered || !options.Chunked
                ? throw Refuse($"the body is larger than MaxBufferedBody ({options.MaxBufferedBody} bytes) and must be held to be {(filtered ? "filtered" : "sent whole")}.")
                : (default, content);
        }

        byte[] body = await ReadAsync(content, options.MaxBufferedBody, cancellationToken).ConfigureAwait(false);
        return filter.TryFilter(path, body, out ReadOnlyMemory<byte>? kept) ? (kept.Value, null)
            : !filtered ? (body, null)
            : throw new VeilException(VeilFailure.BodyNotUnderstood, Hop.Client, "the body is not the JSON that its path or media type asks for, so its fields cannot be filtered.");
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        try
        {
            await content.LoadIntoBufferAsync(limit, cancellationToken).ConfigureAwait(false);
            return await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException failure)
        {
            throw new VeilException(VeilFailure.RequestRefused, Hop.Client, $"the body could not be read, or is larger than MaxBufferedBody ({limit} bytes).", failure);
        }
    }

    private static VeilException Refuse(string why) => new(VeilFailure.RequestRefused, Hop.Client, why);
}

namespace Veil.Issuer;

/// <summary>Bodies that fit into memory.</summary>
internal static class RequestBody
{
    /// <summary>
    /// Reads the whole body, or stops at one byte more than allowed and gives null; the rest is not read, so that an HTTP/1.1 connection ends with the
    /// answer. Memory grows with what really arrives.
    /// </summary>
    public static async Task<Memory<byte>?> ReadAsync(HttpContext context, int maxSize)
    {
        Memory<byte>? body = await ReadUpToAsync(context, maxSize).ConfigureAwait(false);
        if (body is null && HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        return body;
    }

    private static async Task<Memory<byte>?> ReadUpToAsync(HttpContext context, int maxSize)
    {
        if (context.Request.ContentLength > maxSize)
            return null;

        byte[] buffer = new byte[Math.Min(maxSize + 1, (int)(context.Request.ContentLength ?? 4095) + 1)];
        int size = 0;
        while (true)
        {
            int read = await context.Request.Body.ReadAsync(buffer.AsMemory(size), context.RequestAborted).ConfigureAwait(false);
            size += read;
            if (size > maxSize)
                return null;
            if (read == 0)
                return buffer.AsMemory(0, size);
            if (size == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(maxSize + 1L, buffer.Length * 2L));
        }
    }
}

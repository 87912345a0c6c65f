namespace Veil.Relay.Tests.Rig;

/// <summary>Reads a stream up to a mark or a length; what came along stays for the next read.</summary>
public sealed class ByteReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private byte[] _rest = [];

    public async Task<byte[]> UntilAsync(byte[] mark, CancellationToken cancellationToken)
    {
        int at;
        while ((at = _rest.AsSpan().IndexOf(mark)) < 0)
            await MoreAsync(cancellationToken);
        return Take(at + mark.Length);
    }

    public async Task<byte[]> ExactlyAsync(int length, CancellationToken cancellationToken)
    {
        while (_rest.Length < length)
            await MoreAsync(cancellationToken);
        return Take(length);
    }

    private byte[] Take(int length)
    {
        byte[] taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private async Task MoreAsync(CancellationToken cancellationToken)
    {
        int read = await stream.ReadAsync(_buffer, cancellationToken);
        if (read == 0)
            throw new EndOfStreamException();
        _rest = [.. _rest, .. _buffer.AsSpan(0, read)];
    }
}

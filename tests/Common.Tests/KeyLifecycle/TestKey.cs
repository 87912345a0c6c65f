namespace Veil.Common.Tests.KeyLifecycle;

/// <summary>A key that tells whether it was disposed.</summary>
internal sealed class TestKey(byte[] material) : IDisposable
{
    public byte[] Material { get; } = material;

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}

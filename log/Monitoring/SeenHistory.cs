namespace Veil.TransparencyLog.Monitoring;

/// <summary>How much of a mirror's log was judged.</summary>
/// <param name="Size">How many entries.</param>
/// <param name="Root">The root over them, 32 bytes.</param>
internal sealed record SeenHistory(long Size, ReadOnlyMemory<byte> Root);

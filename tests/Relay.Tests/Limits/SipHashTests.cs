using Veil.Relay.Limits;

namespace Veil.Relay.Tests.Limits;

public sealed class SipHashTests
{
    [Fact]
    public void The_example_of_the_papers_appendix_comes_out()
    {
        byte[] message = [.. Enumerable.Range(0, 15).Select(i => (byte)i)];
        Assert.Equal(0xa129ca6149be45e5, new SipHash(0x0706050403020100, 0x0f0e0d0c0b0a0908).Compute(message));
    }

    [Fact]
    public void The_empty_message_has_the_reference_hash() =>
        Assert.Equal(0x726fdb47dd0e0e31UL, new SipHash(0x0706050403020100, 0x0f0e0d0c0b0a0908).Compute([]));
}

using Veil.Ohttp;
using Veil.Sealing;

namespace Veil.Common.Tests.Sealing;

public static class SealingKeyTests
{
    [Fact]
    public static void Its_configuration_is_one_of_RFC_9458_and_different_for_every_key()
    {
        using var one = SealingKey.Generate(3);
        using var other = SealingKey.Generate(3);
        Assert.True(KeyConfig.TryParse(one.KeyConfig.Span, out KeyConfig? config, out _));
        Assert.Equal(3, config.KeyId);
        Assert.Equal(SymmetricSuite.Aes128Gcm, config.Choose());
        Assert.NotEqual(one.KeyConfig.ToArray(), other.KeyConfig.ToArray());
    }
}

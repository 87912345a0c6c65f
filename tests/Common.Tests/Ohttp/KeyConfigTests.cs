using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Veil.Ohttp;

namespace Veil.Common.Tests.Ohttp;

public static class KeyConfigTests
{
    private static readonly byte[] Good = OhttpVectors.Plain.GetProperty("transcript").Hex("key_config");

    public static TheoryData<string> Collections =>
        new(OhttpVectors.Plain.GetProperty("key_config_parsing").EnumerateArray().Select(vector => vector.GetProperty("name").GetString()!));

    [Theory]
    [MemberData(nameof(Collections))]
    public static void A_collection_is_taken_whole_or_not_at_all(string name)
    {
        JsonElement vector = OhttpVectors.Plain.GetProperty("key_config_parsing").EnumerateArray().Single(v => v.GetProperty("name").GetString() == name);
        bool parsed = KeyConfig.TryParseCollection(vector.Hex("hex"), out IReadOnlyList<KeyConfig>? configs, out OhttpError error);
        Assert.Equal(vector.GetProperty("valid").GetBoolean(), parsed);
        Assert.Equal(parsed, error is OhttpError.None);
        if (!parsed)
            return;

        int usable = vector.TryGetProperty("usable", out JsonElement count) ? count.GetInt32() : vector.GetProperty("count").GetInt32();
        Assert.Equal(usable, configs!.Count);
        if (usable == vector.GetProperty("count").GetInt32())
            Assert.Equal(vector.Hex("hex"), KeyConfig.WriteCollection(configs));
    }

    [Fact]
    public static void A_configuration_is_written_as_it_was_read()
    {
        Assert.True(KeyConfig.TryParse(Good, out KeyConfig? config, out _));
        Assert.Equal(Good, config.Write());
        Assert.Equal(Good.Length, config.Size);
        Assert.Equal([SymmetricSuite.Aes128Gcm, SymmetricSuite.ChaCha20Poly1305], config.Suites);
    }

    [Fact]
    public static void Every_proper_prefix_is_rejected()
    {
        for (int length = 0; length < Good.Length; length++)
        {
            Assert.False(KeyConfig.TryParse(Good.AsSpan(0, length), out _, out OhttpError error));
            Assert.Equal(OhttpError.Truncated, error);
        }
    }

    [Fact]
    public static void Any_bytes_are_parsed_or_refused_by_name() =>
        Prop.ForAll<byte[]>(bytes =>
                KeyConfig.TryParse(bytes, out _, out OhttpError error) == error is OhttpError.None
                && KeyConfig.TryParseCollection(bytes, out _, out OhttpError collectionError) == collectionError is OhttpError.None)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public static void A_public_key_of_low_order_or_off_the_curve_is_refused()
    {
        byte[] lowOrder = [.. Good[..3], .. new byte[32], .. Good[35..]];
        Assert.False(KeyConfig.TryParse(lowOrder, out _, out OhttpError error));
        Assert.Equal(OhttpError.BadPublicKey, error);

        byte[] offCurve = [1, 0, 0x10, 4, .. new byte[64], 0, 4, 0, 1, 0, 1];
        Assert.False(KeyConfig.TryParse(offCurve, out _, out error));
        Assert.Equal(OhttpError.BadPublicKey, error);
    }

    [Fact]
    public static void The_first_known_suite_of_the_first_usable_key_is_chosen()
    {
        byte[] unknownFirst = [.. Good[..35], 0, 12, 0, 9, 0, 9, 0, 1, 0, 3, 0, 1, 0, 1];
        byte[] noneKnown = [.. Good[..35], 0, 4, 0, 1, 0xFF, 0xFF];
        Assert.True(KeyConfig.TryParse(unknownFirst, out KeyConfig? config, out _));
        Assert.True(KeyConfig.TryParse(noneKnown, out KeyConfig? useless, out _));
        Assert.Equal(SymmetricSuite.ChaCha20Poly1305, config.Choose());
        Assert.Null(useless.Choose());
        Assert.Same(config, KeyConfig.Choose([useless, config]));
        Assert.Null(KeyConfig.Choose([useless]));
    }

    [Fact]
    public static void A_gateway_key_comes_back_from_its_exported_bytes_and_never_prints_itself()
    {
        using var key = GatewayKey.Generate(7, 0x0020, SymmetricSuite.Aes128Gcm);
        using var again = GatewayKey.Import(7, 0x0020, key.ExportPrivateKey(), SymmetricSuite.Aes128Gcm);
        Assert.Equal(key.Config.Write(), again.Config.Write());
        Assert.Equal("gateway key 7, KEM 0x0020", key.ToString());
    }

    [Fact]
    public static void A_gateway_key_needs_a_known_KEM_and_suite()
    {
        Assert.Throws<ArgumentException>(() => GatewayKey.Generate(1, 0x0021, SymmetricSuite.Aes128Gcm));
        Assert.Throws<ArgumentException>(() => GatewayKey.Generate(1, 0x0020, new SymmetricSuite(1, 9)));
        Assert.Throws<ArgumentOutOfRangeException>(() => GatewayKey.Generate(1, 0x0020));
        Assert.Throws<ArgumentException>(() => GatewayKey.Import(1, 0x0010, new byte[32], SymmetricSuite.Aes128Gcm));
    }

    [Fact]
    public static void Two_keys_with_one_id_are_refused()
    {
        using var one = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var other = GatewayKey.Generate(1, 0x0010, SymmetricSuite.Aes128Gcm);
        Assert.Throws<ArgumentException>(() => new GatewayKeys(one, other));
    }
}

using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public static class HostClaimsTests
{
    private static readonly HostClaims Sample = Claims();

    [Fact]
    public static void The_encoding_is_the_documented_layout()
    {
        byte[] expected =
        [
            1,
            .. Filled(16, 0xA1),
            0, 0, 0, 0, 0, 0, 0, 7,
            0, 0, 0, 0, 0x69, 0xA4, 0x2A, 0x40,
            0, 0, 0, 0, 0x69, 0xA4, 0x54, 0x80,
            0, 0, 0, 0, 0, 0, 0, 9,
            .. Filled(32, 0xB2),
            0, 12, .. "chat.example"u8,
            .. Filled(32, 0xC3),
            0, 3, 1, 2, 3,
            1,
            0, 32, .. Filled(32, 0xD4),
        ];
        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(Sample.Encode()));
    }

    [Fact]
    public static void The_bound_value_is_the_labelled_hash_of_the_exact_bytes()
    {
        byte[] claims = Sample.Encode();
        byte[] label = Encoding.ASCII.GetBytes("veil host claims v1");
        Assert.Equal(SHA512.HashData([0, (byte)label.Length, .. label, .. claims]), HostClaims.BoundValue(claims));
    }

    [Fact]
    public static void What_was_encoded_reads_back()
    {
        Assert.True(HostClaims.TryParse(Sample.Encode(), out HostClaims? claims, out AttestationError error));
        Assert.Equal(AttestationError.None, error);
        Assert.Equal(Sample.Id.ToArray(), claims.Id.ToArray());
        Assert.Equal(Sample.Epoch, claims.Epoch);
        Assert.Equal(Sample.NotBefore, claims.NotBefore);
        Assert.Equal(Sample.NotAfter, claims.NotAfter);
        Assert.Equal(Sample.CheckpointSize, claims.CheckpointSize);
        Assert.Equal(Sample.CheckpointRoot.ToArray(), claims.CheckpointRoot.ToArray());
        Assert.Equal(Sample.Service, claims.Service);
        Assert.Equal(Sample.TlsSpkiSha256.ToArray(), claims.TlsSpkiSha256.ToArray());
        Assert.Equal(Sample.KeyConfig.ToArray(), claims.KeyConfig.ToArray());
        Assert.True(claims.AcceptsPlainRequests);
        Assert.Equal(Sample.GpuEvidenceDigest.ToArray(), claims.GpuEvidenceDigest.ToArray());
    }

    [Fact]
    public static void Every_proper_prefix_and_every_extra_byte_is_refused()
    {
        byte[] claims = Sample.Encode();
        for (int cut = 0; cut < claims.Length; cut++)
            Assert.False(HostClaims.TryParse(claims.AsSpan(0, cut), out _, out _));
        Assert.False(HostClaims.TryParse([.. claims, 0], out _, out AttestationError error));
        Assert.Equal(AttestationError.BadLength, error);
    }

    [Theory]
    [InlineData(0, 2, AttestationError.UnsupportedVersion)]
    [InlineData(25, 0x80, AttestationError.BadValidity)]
    [InlineData(33, 0x01, AttestationError.BadValidity)]
    [InlineData(83, 0x20, AttestationError.BadService)]
    [InlineData(83, 0xC3, AttestationError.BadService)]
    [InlineData(132, 0x03, AttestationError.ReservedNotZero)]
    public static void A_byte_that_breaks_a_rule_is_refused_by_its_name(int position, byte value, AttestationError expected)
    {
        byte[] claims = Sample.Encode();
        claims[position] = value;
        Assert.False(HostClaims.TryParse(claims, out HostClaims? parsed, out AttestationError error));
        Assert.Null(parsed);
        Assert.Equal(expected, error);
    }

    [Fact]
    public static void Claims_that_end_when_they_begin_cannot_be_made() =>
        Assert.Throws<InvalidOperationException>(() => Claims(notAfter: Sample.NotBefore).Encode());

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ü.example")]
    public static void A_service_that_is_not_visible_ASCII_cannot_be_claimed(string service) =>
        Assert.ThrowsAny<InvalidOperationException>(() => Claims(service: service).Encode());

    [Theory]
    [InlineData(0)]
    [InlineData(HostClaims.MaxKeyConfigSize + 1)]
    public static void A_key_configuration_of_an_impossible_size_cannot_be_claimed(int size) =>
        Assert.Throws<InvalidOperationException>(() => Claims(keyConfig: new byte[size]).Encode());

    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(65)]
    public static void A_digest_of_an_unknown_size_cannot_be_claimed(int size) => Assert.Throws<InvalidOperationException>(() => Claims(gpu: new byte[size]).Encode());

    [Fact]
    public static void Any_bytes_are_refused_or_are_the_one_encoding_of_what_they_parse_to() =>
        Prop.ForAll<byte[]>(bytes => HostClaims.TryParse(bytes, out HostClaims? claims, out AttestationError error)
                ? error is AttestationError.None && claims.Encode().AsSpan().SequenceEqual(bytes)
                : error is not AttestationError.None)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public static void Any_one_byte_changed_is_refused_or_encodes_to_itself_and_changes_the_bound_value() =>
        Prop.ForAll<int, byte>((seed, mask) =>
            {
                byte[] claims = Sample.Encode();
                byte[] before = HostClaims.BoundValue(claims);
                claims[(seed & int.MaxValue) % claims.Length] ^= (byte)(mask | 1);
                bool same = !HostClaims.TryParse(claims, out HostClaims? parsed, out _) || parsed.Encode().AsSpan().SequenceEqual(claims);
                return same && !HostClaims.BoundValue(claims).AsSpan().SequenceEqual(before);
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    internal static HostClaims Claims(DateTimeOffset? notAfter = null, string service = "chat.example", byte[]? keyConfig = null, byte[]? gpu = null) => new()
    {
        Id = Filled(16, 0xA1),
        Epoch = 7,
        NotBefore = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        NotAfter = notAfter ?? new(2026, 3, 1, 15, 0, 16, TimeSpan.Zero),
        CheckpointSize = 9,
        CheckpointRoot = Filled(32, 0xB2),
        Service = service,
        TlsSpkiSha256 = Filled(32, 0xC3),
        KeyConfig = keyConfig ?? [1, 2, 3],
        AcceptsPlainRequests = true,
        GpuEvidenceDigest = gpu ?? Filled(32, 0xD4),
    };

    internal static byte[] Filled(int size, byte value)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}

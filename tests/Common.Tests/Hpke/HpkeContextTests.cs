using System.Security.Cryptography;
using Veil.Common.Tests.Crypto;
using Veil.Hpke;

namespace Veil.Common.Tests.Hpke;

public static class HpkeContextTests
{
    private static readonly HpkeSuite Suite = HpkeSuite.Find(0x0020, 1, 1)!;

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void A_failed_open_does_not_move_the_sequence(string backend) => Backends.On(backend, () =>
    {
        using KemPrivateKey key = Kem.X25519.Generate();
        KeySchedule schedule = KeySchedule.Base(Suite, "info"u8);
        using SenderContext sender = SenderContext.Setup(schedule, key.PublicKey.Span);
        Assert.True(RecipientContext.TrySetup(schedule, key, sender.Enc.Span, out RecipientContext? receiver));
        using (receiver)
        {
            var sealedText = new byte[4 + HpkeSuite.TagSize];
            sender.Seal("a"u8, "text"u8, sealedText);
            var opened = new byte[4];
            Assert.False(receiver.TryOpen("b"u8, sealedText, opened));
            Assert.Equal(new byte[4], opened);
            Assert.True(receiver.TryOpen("a"u8, sealedText, opened));
            Assert.False(receiver.TryOpen("a"u8, sealedText, opened));
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void A_disposed_context_is_of_no_use(string backend) => Backends.On(backend, () =>
    {
        using KemPrivateKey key = Kem.X25519.Generate();
        SenderContext sender = SenderContext.Setup(KeySchedule.Base(Suite, default), key.PublicKey.Span);
        sender.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sender.Seal(default, default, new byte[16]));
        Assert.Throws<ObjectDisposedException>(() => sender.Export(default, new byte[16]));
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Single_shots_agree_with_contexts_for_every_suite(string backend) => Backends.On(backend, () =>
    {
        foreach (Kem kem in Kem.All)
        {
            for (ushort aead = 1; aead <= 3; aead++)
            {
                HpkeSuite suite = HpkeSuite.Find(kem.Id, 1, aead)!;
                using KemPrivateKey key = kem.Generate();
                KeySchedule schedule = KeySchedule.Base(suite, "info"u8);
                byte[] text = RandomNumberGenerator.GetBytes(100);
                var enc = new byte[kem.EncapsulatedKeySize];
                var ciphertext = new byte[text.Length + HpkeSuite.TagSize];
                var sent = new byte[32];
                SingleShot.Seal(schedule, key.PublicKey.Span, text, enc, ciphertext, "export"u8, sent);

                var opened = new byte[text.Length];
                var received = new byte[32];
                Assert.True(SingleShot.TryOpen(schedule, key, enc, ciphertext, opened, "export"u8, received));
                Assert.Equal(text, opened);
                Assert.Equal(sent, received);
                Assert.True(RecipientContext.TrySetup(schedule, key, enc, out RecipientContext? context));
                using (context)
                    Assert.True(context.TryOpen(default, ciphertext, opened));

                ciphertext[0] ^= 1;
                Assert.False(SingleShot.TryOpen(schedule, key, enc, ciphertext, opened, "export"u8, received));
                Assert.Equal(new byte[text.Length], opened);
                Assert.Equal(new byte[32], received);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Keys_of_low_order_or_wrong_length_are_refused_on_both_sides(string backend) => Backends.On(backend, () =>
    {
        using KemPrivateKey key = Kem.X25519.Generate();
        KeySchedule schedule = KeySchedule.Base(Suite, default);
        Assert.False(RecipientContext.TrySetup(schedule, key, new byte[32], out _));
        Assert.False(RecipientContext.TrySetup(schedule, key, new byte[31], out _));
        Assert.Throws<ArgumentException>(() => SenderContext.Setup(schedule, new byte[32]));
        Assert.Throws<ArgumentException>(() => SenderContext.Setup(schedule, new byte[33]));
    });

    [Fact]
    public static void A_pre_shared_key_needs_32_bytes_and_an_id()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => KeySchedule.Psk(Suite, default, new byte[31], "id"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeySchedule.Psk(Suite, default, new byte[32], default));
    }

    [Fact]
    public static void A_key_of_another_KEM_is_the_callers_mistake()
    {
        using KemPrivateKey key = Kem.P256.Generate();
        Assert.Throws<ArgumentException>(() => RecipientContext.TrySetup(KeySchedule.Base(Suite, default), key, new byte[32], out _));
    }

    [Fact]
    public static void Unknown_suites_are_not_found()
    {
        Assert.Null(HpkeSuite.Find(0x0020, 1, 0xFFFF));
        Assert.Null(HpkeSuite.Find(0x0020, 2, 1));
        Assert.Null(HpkeSuite.Find(0x0021, 1, 1));
        Assert.Null(Kem.Find(0x647A));
    }
}

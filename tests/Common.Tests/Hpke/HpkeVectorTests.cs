using System.Text.Json;
using Veil.Common.Tests.Crypto;
using Veil.Hpke;

namespace Veil.Common.Tests.Hpke;

public static class HpkeVectorTests
{
    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_vector_of_RFC_9180_holds_on_both_sides(string backend) => Backends.On(backend, () =>
    {
        foreach (JsonElement vector in VectorFile.Open("rfc9180/hpke-rfc9180.json").GetProperty("vectors").EnumerateArray())
            Check(vector);
    });

    private static void Check(JsonElement vector)
    {
        HpkeSuite suite = HpkeSuite.Find(Id(vector, "kem_id"), Id(vector, "kdf_id"), Id(vector, "aead_id"))!;
        using KemPrivateKey recipient = suite.Kem.DeriveKeyPair(vector.Hex("ikmR"));
        using KemPrivateKey ephemeral = suite.Kem.DeriveKeyPair(vector.Hex("ikmE"));
        Assert.Equal(vector.Hex("skRm"), Export(recipient));
        Assert.Equal(vector.Hex("skEm"), Export(ephemeral));
        Assert.Equal(vector.Hex("pkRm"), recipient.PublicKey.ToArray());
        Assert.Equal(vector.Hex("pkEm"), ephemeral.PublicKey.ToArray());

        var sharedSecret = new byte[Kem.SharedSecretSize];
        Assert.True(recipient.TryDecap(vector.Hex("enc"), sharedSecret));
        Assert.Equal(vector.Hex("shared_secret"), sharedSecret);

        KeySchedule schedule = vector.GetProperty("mode").GetInt32() == 0
            ? KeySchedule.Base(suite, vector.Hex("info"))
            : KeySchedule.Psk(suite, vector.Hex("info"), vector.Hex("psk"), vector.Hex("psk_id"));
        Assert.Equal(vector.Hex("key_schedule_context"), schedule.Context.ToArray());
        schedule.Derive(sharedSecret, out ContextSecrets secrets);
        Assert.Equal(vector.Hex("key"), secrets.Key(suite.KeySize).ToArray());
        Assert.Equal(vector.Hex("base_nonce"), secrets.BaseNonce.ToArray());
        Assert.Equal(vector.Hex("exporter_secret"), secrets.ExporterSecret.ToArray());

        using SenderContext sender = SenderContext.Setup(schedule, recipient.PublicKey.Span, ephemeral);
        Assert.Equal(vector.Hex("enc"), sender.Enc.ToArray());
        Assert.True(RecipientContext.TrySetup(schedule, recipient, vector.Hex("enc"), out RecipientContext? receiver));
        using (receiver)
        {
            CheckEncryptions(vector, sender, receiver);
            foreach (JsonElement export in vector.GetProperty("exports").EnumerateArray())
            {
                var sent = new byte[export.GetProperty("L").GetInt32()];
                var received = new byte[sent.Length];
                sender.Export(export.Hex("exporter_context"), sent);
                receiver.Export(export.Hex("exporter_context"), received);
                Assert.Equal(export.Hex("exported_value"), sent);
                Assert.Equal(sent, received);
            }
        }
    }

    /// <summary>The file keeps some sequence numbers only; those between are sealed and opened with an empty text.</summary>
    private static void CheckEncryptions(JsonElement vector, SenderContext sender, RecipientContext receiver)
    {
        var filler = new byte[HpkeSuite.TagSize];
        int sequence = 0;
        foreach (JsonElement encryption in vector.GetProperty("encryptions").EnumerateArray())
        {
            for (; sequence < encryption.GetProperty("seq").GetInt32(); sequence++)
            {
                sender.Seal(default, default, filler);
                Assert.True(receiver.TryOpen(default, filler, default));
            }

            byte[] text = encryption.Hex("pt");
            var ciphertext = new byte[text.Length + HpkeSuite.TagSize];
            sender.Seal(encryption.Hex("aad"), text, ciphertext);
            Assert.Equal(encryption.Hex("ct"), ciphertext);
            var opened = new byte[text.Length];
            Assert.True(receiver.TryOpen(encryption.Hex("aad"), ciphertext, opened));
            Assert.Equal(text, opened);
            sequence++;
        }
    }

    private static byte[] Export(KemPrivateKey key)
    {
        var bytes = new byte[key.Kem.PrivateKeySize];
        key.Export(bytes);
        return bytes;
    }

    private static ushort Id(JsonElement vector, string name) => vector.GetProperty(name).GetUInt16();
}

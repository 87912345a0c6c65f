using System.Formats.Cbor;
using FsCheck;
using FsCheck.Fluent;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public static class HostRecordTests
{
    private static readonly HostRecord Sample = new(
        new byte[] { 1, 2, 3 },
        new Evidence("application/example", new byte[] { 4, 5 }),
        [new("application/pkix-cert", new byte[] { 6 }), new("application/pkix-crl", Array.Empty<byte>())]);

    [Fact]
    public static void What_was_encoded_reads_back()
    {
        Assert.True(HostRecord.TryParse(Sample.Encode(), out HostRecord? record, out AttestationError error));
        Assert.Equal(AttestationError.None, error);
        Assert.Equal(Sample.EncodedClaims.ToArray(), record.EncodedClaims.ToArray());
        Assert.Equal(Sample.Evidence.MediaType, record.Evidence.MediaType);
        Assert.Equal(Sample.Evidence.Bytes.ToArray(), record.Evidence.Bytes.ToArray());
        Assert.Equal(Sample.Endorsements.Select(endorsement => (endorsement.MediaType, Convert.ToHexString(endorsement.Bytes.Span))),
            record.Endorsements.Select(endorsement => (endorsement.MediaType, Convert.ToHexString(endorsement.Bytes.Span))));
        Assert.Equal(Sample.Encode(), record.Encode());
    }

    [Fact]
    public static void Every_proper_prefix_and_every_extra_byte_is_refused()
    {
        byte[] record = Sample.Encode();
        for (int cut = 0; cut < record.Length; cut++)
            AssertRefused(record[..cut]);
        AssertRefused([.. record, 0]);
    }

    [Fact]
    public static void Any_bytes_are_refused_without_throwing_or_are_the_one_encoding() =>
        Prop.ForAll<byte[]>(IsRefusedOrCanonical).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public static void Any_one_byte_changed_is_refused_or_is_the_one_encoding() =>
        Prop.ForAll<int, byte>((seed, value) =>
            {
                byte[] record = Sample.Encode();
                record[(seed & int.MaxValue) % record.Length] = value;
                return IsRefusedOrCanonical(record);
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(42, 43));

    [Fact]
    public static void A_record_beyond_the_limit_is_refused_before_it_is_read()
    {
        Assert.False(HostRecord.TryParse(new byte[HostRecord.MaxSize + 1], out _, out AttestationError error));
        Assert.Equal(AttestationError.TooLarge, error);
    }

    [Fact]
    public static void A_doubled_label_is_refused() =>
        AssertRefused(Written(3, writer =>
        {
            WriteMessage(writer, "claims", HostClaims.MediaType);
            WriteMessage(writer, "claims", HostClaims.MediaType);
            WriteMessage(writer, "evidence", "application/example", 4);
        }));

    [Fact]
    public static void An_unknown_label_is_refused() =>
        AssertRefused(Written(4, writer =>
        {
            WriteMessage(writer, "claims", HostClaims.MediaType);
            WriteMessage(writer, "evidence", "application/example", 4);
            writer.WriteTextString("endorsements");
            writer.WriteStartMap(0);
            writer.WriteEndMap();
            WriteMessage(writer, "endorsements2", "application/example", 2);
        }));

    [Fact]
    public static void Labels_out_of_order_are_refused() =>
        AssertRefused(Written(3, writer =>
        {
            WriteMessage(writer, "evidence", "application/example", 4);
            WriteMessage(writer, "claims", HostClaims.MediaType);
            writer.WriteTextString("endorsements");
            writer.WriteStartMap(0);
            writer.WriteEndMap();
        }));

    [Theory]
    [InlineData(HostClaims.MediaType, "", 4U)]
    [InlineData("application/other", "application/example", 4U)]
    [InlineData(HostClaims.MediaType, "application/example", 2U)]
    public static void A_wrong_type_or_indicator_is_refused(string claimsType, string evidenceType, uint indicator) =>
        AssertRefused(Written(3, writer =>
        {
            WriteMessage(writer, "claims", claimsType);
            WriteMessage(writer, "evidence", evidenceType, indicator);
            writer.WriteTextString("endorsements");
            writer.WriteStartMap(0);
            writer.WriteEndMap();
        }));

    [Fact]
    public static void An_indefinite_length_is_refused() =>
        AssertRefused(Written(null, writer =>
        {
            WriteMessage(writer, "claims", HostClaims.MediaType);
            WriteMessage(writer, "evidence", "application/example", 4);
            writer.WriteTextString("endorsements");
            writer.WriteStartMap(0);
            writer.WriteEndMap();
        }));

    [Fact]
    public static void More_endorsements_than_anybody_needs_are_refused()
    {
        AssertRefused(Written(3, writer =>
        {
            WriteMessage(writer, "claims", HostClaims.MediaType);
            WriteMessage(writer, "evidence", "application/example", 4);
            writer.WriteTextString("endorsements");
            writer.WriteStartMap(HostRecord.MaxEndorsements + 1);
            for (int i = 0; i <= HostRecord.MaxEndorsements; i++)
            {
                writer.WriteInt32(i);
                WriteValue(writer, "application/example", 2);
            }

            writer.WriteEndMap();
        }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HostRecord(default, Sample.Evidence, [.. Enumerable.Repeat(Sample.Endorsements[0], HostRecord.MaxEndorsements + 1)]));
    }

    private static byte[] Written(int? labels, Action<CborWriter> write)
    {
        // Lax, so that the reader under test is the one that refuses.
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(labels);
        write(writer);
        writer.WriteEndMap();
        return writer.Encode();
    }

    private static void WriteMessage(CborWriter writer, string label, string type, uint? indicator = null)
    {
        writer.WriteTextString(label);
        WriteValue(writer, type, indicator);
    }

    private static void WriteValue(CborWriter writer, string type, uint? indicator)
    {
        writer.WriteStartArray(indicator is null ? 2 : 3);
        writer.WriteTextString(type);
        writer.WriteByteString([1]);
        if (indicator is { } bits)
            writer.WriteUInt32(bits);
        writer.WriteEndArray();
    }

    private static void AssertRefused(byte[] bytes)
    {
        Assert.False(HostRecord.TryParse(bytes, out HostRecord? record, out AttestationError error));
        Assert.Null(record);
        Assert.Equal(AttestationError.BadRecord, error);
    }

    private static bool IsRefusedOrCanonical(byte[] bytes) =>
        HostRecord.TryParse(bytes, out HostRecord? record, out AttestationError error)
            ? error is AttestationError.None && record.Encode().AsSpan().SequenceEqual(bytes)
            : error is not AttestationError.None;
}

using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Veil.Attestation;
using Veil.HostAgent.Configfs;

namespace Veil.Host.Tests.Configfs;

/// <summary>The table is the operator's: what fits is used, what does not is left out, and nothing throws.</summary>
public sealed class CertificateTableTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    private static readonly Guid Vcek = new("63da758d-e664-4564-adc5-f4b93be8accd");
    private static readonly Guid Ask = new("4ab7b379-bbac-4fe4-a02f-05aef327c782");

    private byte[] VcekDer => machine.Chip.Endorsements[0].Bytes.ToArray();

    private byte[] AskDer => machine.Chip.Endorsements[1].Bytes.ToArray();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Known_entries_are_read_in_either_byte_order_of_their_GUIDs(bool bigEndian)
    {
        IReadOnlyList<Endorsement> found = CertificateTable.Read(Table(bigEndian, (Vcek, VcekDer), (Guid.NewGuid(), [1, 2, 3]), (Ask, AskDer)));
        Assert.Equal([VcekDer, AskDer], found.Select(endorsement => endorsement.Bytes.ToArray()));
    }

    [Fact]
    public void PEM_entries_are_read_as_DER()
    {
        byte[] pem = System.Text.Encoding.ASCII.GetBytes(System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", VcekDer));
        Assert.Equal(VcekDer, Assert.Single(CertificateTable.Read(Table(bigEndian: true, (Vcek, pem)))).Bytes.ToArray());
    }

    [Theory]
    [InlineData(16, uint.MaxValue)]
    [InlineData(20, uint.MaxValue)]
    [InlineData(16, 100_000U)]
    [InlineData(20, 60_000U)]
    [InlineData(20, 0U)]
    public void An_entry_that_does_not_fit_is_left_out(int field, uint value)
    {
        byte[] table = Table(bigEndian: true, (Vcek, VcekDer));
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(field), value);
        Assert.Empty(CertificateTable.Read(table));
    }

    [Fact]
    public void An_empty_or_oversized_table_has_no_certificates()
    {
        Assert.Empty(CertificateTable.Read([]));
        Assert.Empty(CertificateTable.Read(new byte[24]));
        Assert.Empty(CertificateTable.Read(new byte[(64 * 1024) + 1]));
    }

    [Fact]
    public void Any_bytes_are_read_without_throwing()
    {
        byte[] table = Table(bigEndian: true, (Vcek, VcekDer), (Ask, AskDer));
        Prop.ForAll<int, byte>((seed, value) =>
            {
                byte[] changed = [.. table];
                changed[(seed & int.MaxValue) % 96] = value;
                return CertificateTable.Read(changed).Count <= 4;
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(42, 43));
        Prop.ForAll<byte[]>(bytes => CertificateTable.Read(bytes).Count == 0).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(42, 43));
    }

    internal static byte[] Table(bool bigEndian, params (Guid Id, byte[] Value)[] entries)
    {
        int offset = (entries.Length + 1) * 24;
        byte[] table = new byte[offset + entries.Sum(entry => entry.Value.Length)];
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = table.AsSpan(i * 24);
            entries[i].Id.TryWriteBytes(entry, bigEndian, out _);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], (uint)offset);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[20..], (uint)entries[i].Value.Length);
            entries[i].Value.CopyTo(table, offset);
            offset += entries[i].Value.Length;
        }

        return table;
    }
}

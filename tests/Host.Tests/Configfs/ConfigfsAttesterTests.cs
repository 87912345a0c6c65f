using System.Text;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Host.Tests.Vendors;
using Veil.HostAgent;
using Veil.HostAgent.Configfs;

namespace Veil.Host.Tests.Configfs;

/// <summary>The kernel's side is played over the chip in software: a generation that counts writes, and a report for the last value written.</summary>
public sealed class ConfigfsAttesterTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    private static readonly byte[] Value = SoftwareMachine.Bytes(64, 5);

    [Fact]
    public void A_report_for_our_value_comes_with_the_machines_certificates()
    {
        var kernel = new Kernel(machine);
        AttestedValue attested = Attester(kernel).Attest(Value);
        Assert.Equal(Value, attested.Evidence.Bytes.Slice(0x050, 64).ToArray());
        Assert.Equal(machine.Chip.Endorsements.Select(endorsement => endorsement.Bytes.ToArray()), attested.Endorsements.Select(endorsement => endorsement.Bytes.ToArray()));
        Assert.Equal(0, kernel.Entries);
    }

    [Fact]
    public void A_write_of_somebody_else_in_between_is_noticed_and_tried_again()
    {
        var kernel = new Kernel(machine) { Intrusions = 2 };
        Assert.Equal(Value, Attester(kernel).Attest(Value).Evidence.Bytes.Slice(0x050, 64).ToArray());
        Assert.Equal(3, kernel.Writes);
    }

    [Fact]
    public void Somebody_who_writes_all_the_time_is_an_error_and_leaves_no_entry_behind()
    {
        var kernel = new Kernel(machine) { Intrusions = int.MaxValue };
        Assert.Throws<AttesterException>(() => Attester(kernel).Attest(Value));
        Assert.Equal(0, kernel.Entries);
    }

    [Fact]
    public void A_report_over_another_value_is_refused_even_when_the_count_is_right()
    {
        var kernel = new Kernel(machine) { Answer = SoftwareMachine.Bytes(64, 6) };
        Assert.Throws<AttesterException>(() => Attester(kernel).Attest(Value));
    }

    [Fact]
    public void A_provider_that_is_not_read_here_is_named()
    {
        var kernel = new Kernel(machine) { Provider = "arm_cca_guest" };
        Assert.Contains("arm_cca_guest", Assert.Throws<AttesterException>(() => Attester(kernel).Attest(Value)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_that_fails_is_an_attester_that_fails()
    {
        var kernel = new Kernel(machine) { Fails = true };
        Assert.IsType<IOException>(Assert.Throws<AttesterException>(() => Attester(kernel).Attest(Value)).InnerException);
        Assert.Equal(0, kernel.Entries);
    }

    [Fact]
    public void Without_the_interface_there_is_no_TEE() =>
        Assert.Contains("no TEE", Assert.Throws<AttesterException>(() => new ConfigfsAttester(new(), new TsmFolder("/nonexistent"), NoVendor.Collateral)).Message, StringComparison.Ordinal);

    [Fact]
    public void Endorsement_files_fill_in_for_a_machine_without_a_table_and_win_over_one_with()
    {
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        try
        {
            string der = Path.Combine(folder, "vcek.der");
            string pem = Path.Combine(folder, "chain.pem");
            File.WriteAllBytes(der, machine.Chip.Endorsements[0].Bytes.ToArray());
            File.WriteAllText(pem, SoftwareMachine.Root.Intermediate.ExportCertificatePem() + "\n" + SoftwareMachine.Root.Root.ExportCertificatePem() + "\n");
            string crl = Path.Combine(folder, "ark.crl");
            Endorsement list = SoftwareMachine.Root.RevocationList([], SoftwareMachine.Now, SoftwareMachine.Now.AddDays(30));
            File.WriteAllText(crl, PemEncoding.WriteString("X509 CRL", list.Bytes.Span));
            foreach (bool withTable in new[] { false, true })
            {
                var attester = new ConfigfsAttester(new() { EndorsementFiles = [der, pem, crl] }, new Kernel(machine) { HasTable = withTable }, NoVendor.Collateral);
                Assert.Equal([.. machine.Chip.Endorsements.Select(endorsement => endorsement.MediaType), list.MediaType], attester.Attest(Value).Endorsements.Select(endorsement => endorsement.MediaType));
                Assert.Equal([.. machine.Chip.Endorsements, list], attester.Attest(Value).Endorsements, (one, other) => one.Bytes.Span.SequenceEqual(other.Bytes.Span));
            }

            foreach (bool withTable in new[] { false, true })
            {
                var attester = new ConfigfsAttester(new() { EndorsementFiles = [der, pem] }, new Kernel(machine) { HasTable = withTable }, NoVendor.Collateral);
                Assert.Equal(machine.Chip.Endorsements.Select(endorsement => endorsement.Bytes.ToArray()), attester.Attest(Value).Endorsements.Select(endorsement => endorsement.Bytes.ToArray()));
            }

            File.WriteAllText(pem, "nothing");
            Assert.Contains(pem, Assert.Throws<AttesterException>(() => new ConfigfsAttester(new() { EndorsementFiles = [pem] }, new Kernel(machine), NoVendor.Collateral)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Attributes_are_read_to_their_end_and_written_in_place()
    {
        string root = Directory.CreateTempSubdirectory("veil-test-").FullName;
        try
        {
            var folder = new TsmFolder(root);
            string entry = folder.Add();
            File.WriteAllText(Path.Combine(entry, "generation"), "12\n");
            File.WriteAllBytes(Path.Combine(entry, "inblob"), []);
            folder.Write(entry, "inblob", Value);
            Assert.Equal("12", folder.ReadText(entry, "generation"));
            Assert.Equal(Value, folder.Read(entry, "inblob"));
            Assert.Empty(folder.Read(entry, "auxblob"));
            Assert.Throws<FileNotFoundException>(() => folder.Write(entry, "absent", Value));
            File.Delete(Path.Combine(entry, "generation"));
            File.Delete(Path.Combine(entry, "inblob"));
            folder.Remove(entry);
            Assert.Empty(Directory.EnumerateDirectories(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static ConfigfsAttester Attester(Kernel kernel) => new(new ConfigfsOptions(), kernel, NoVendor.Collateral);

    private sealed class Kernel(SoftwareMachine machine) : TsmFolder(System.IO.Path.GetTempPath())
    {
        private byte[] _value = [];
        private int _generation = 40;

        public string Provider { get; init; } = "sev_guest";

        public int Intrusions { get; set; }

        public byte[]? Answer { get; init; }

        public bool HasTable { get; init; } = true;

        public bool Fails { get; init; }

        public int Entries { get; private set; }

        public int Writes { get; private set; }

        public override string Add()
        {
            Entries++;
            return "entry";
        }

        public override void Remove(string entry) => Entries--;

        public override void Write(string entry, string attribute, ReadOnlySpan<byte> value)
        {
            Assert.Equal("inblob", attribute);
            _value = value.ToArray();
            _generation++;
            Writes++;
            if (Intrusions > 0)
            {
                Intrusions--;
                _generation++;
                _value = new byte[64];
            }
        }

        public override byte[] Read(string entry, string attribute) => attribute switch
        {
            "provider" => Encoding.ASCII.GetBytes(Provider + "\n"),
            "generation" => Encoding.ASCII.GetBytes($"{_generation}\n"),
            "outblob" => Fails ? throw new IOException("busy") : machine.Chip.Report(SoftwareMachine.Guest, Answer ?? _value),
            "auxblob" when HasTable => CertificateTableTests.Table(
                bigEndian: true,
                (new("63da758d-e664-4564-adc5-f4b93be8accd"), machine.Chip.Endorsements[0].Bytes.ToArray()),
                (new("4ab7b379-bbac-4fe4-a02f-05aef327c782"), machine.Chip.Endorsements[1].Bytes.ToArray()),
                (new("c0b406a4-a803-4952-9743-3fb6014cd0ae"), machine.Chip.Endorsements[2].Bytes.ToArray())),
            _ => [],
        };
    }
}

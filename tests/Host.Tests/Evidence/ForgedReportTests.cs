using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Host.Tests.Evidence;

/// <summary>Reports with a genuine chain that a policy must still look into, and signatures in every wrong form.</summary>
public sealed class ForgedReportTests(SoftwareMachine machine) : IClassFixture<SoftwareMachine>
{
    private static readonly BigInteger Order = BigInteger.Parse("00ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void A_signature_in_the_other_byte_order_is_refused_and_not_tried() =>
        AssertOnlyFailure(CheckNames.ReportSignature, machine.Altered(
            report =>
            {
                report.AsSpan(0x2A0, SnpReport.ScalarSize).Reverse();
                report.AsSpan(0x2E8, SnpReport.ScalarSize).Reverse();
            },
            signAgain: false));

    [Fact]
    public void Halves_swapped_are_refused() =>
        AssertOnlyFailure(CheckNames.ReportSignature, machine.Altered(
            report =>
            {
                byte[] r = report.AsSpan(0x2A0, SnpReport.ScalarSize).ToArray();
                report.AsSpan(0x2E8, SnpReport.ScalarSize).CopyTo(report.AsSpan(0x2A0));
                r.CopyTo(report.AsSpan(0x2E8));
            },
            signAgain: false));

    [Theory]
    [InlineData(0x2A0)]
    [InlineData(0x2E8)]
    public void A_half_of_the_groups_order_or_more_is_refused(int half)
    {
        AssertOnlyFailure(CheckNames.ReportSignature, machine.Altered(report => WriteScalar(report, half, Order), signAgain: false));
        AssertOnlyFailure(CheckNames.ReportSignature, machine.Altered(report => report.AsSpan(half, SnpReport.ScalarSize).Fill(0xFF), signAgain: false));
    }

    [Theory]
    [InlineData(0x2A0 + 48)]
    [InlineData(0x2A0 + 71)]
    [InlineData(0x2E8 + 48)]
    [InlineData(0x2E8 + 71)]
    [InlineData(0x330)]
    [InlineData(0x49F)]
    public void Bytes_above_a_scalar_and_behind_the_signature_are_refused(int position) =>
        AssertOnlyFailure(CheckNames.ReportFormat, machine.Altered(report => report[position] = 1, signAgain: false));

    [Fact]
    public void The_other_signature_that_anyone_can_make_of_a_good_one_is_as_good_and_no_memory_keeps_evidence()
    {
        var known = new VerifiedSignatures();
        HostRecord other = machine.Altered(report => WriteScalar(report, 0x2E8, Order - new BigInteger(report.AsSpan(0x2E8, SnpReport.ScalarSize), isUnsigned: true)), signAgain: false);
        foreach (HostRecord record in new[] { machine.Record(), other, machine.Record() })
            Assert.True(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(), new AppraisalContext { Now = SoftwareMachine.Now, Known = known }, out _, out Verdict verdict), verdict.ToString());
        Assert.Equal(3, known.Count);
    }

    [Theory]
    [InlineData(SnpReport.SignedSize - 1)]
    [InlineData(SnpReport.SignedSize - 8)]
    [InlineData(SnpReport.SignedSize + 1)]
    [InlineData(SnpReport.Size)]
    public void A_signature_over_less_or_more_than_the_signed_part_is_refused(int size) =>
        AssertOnlyFailure(CheckNames.ReportSignature, machine.Altered(report => machine.Chip.SignPart(report, size), signAgain: false));

    [Fact]
    public void Firmware_that_is_not_committed_is_refused_unless_the_policy_allows_it()
    {
        foreach (int position in new[] { 0x03F, 0x1E8, 0x1E9, 0x1EA })
        {
            HostRecord record = machine.Altered(report => report[position]++, signAgain: true);
            AssertOnlyFailure(CheckNames.ProvisionalFirmware, record);
            AssertPasses(record, SoftwareMachine.SnpPolicy() with { AllowProvisionalFirmware = true });
        }
    }

    [Fact]
    public void Firmware_levels_out_of_their_order_are_refused()
    {
        AssertRefused(CheckNames.TcbOrder, machine.Altered(report => report[0x1E7]--, signAgain: true));
        AssertRefused(CheckNames.TcbOrder, machine.Altered(report => report[0x03F]--, signAgain: true));
    }

    [Theory]
    [InlineData(SnpGuestPolicy.SmtAllowed)]
    [InlineData(SnpGuestPolicy.SingleSocket)]
    [InlineData(SnpGuestPolicy.Aes256Xts)]
    [InlineData(SnpGuestPolicy.RaplOff)]
    [InlineData(SnpGuestPolicy.CiphertextHiding)]
    [InlineData(SnpGuestPolicy.PageSwapDisabled)]
    public void Every_setting_of_the_guest_can_be_required_and_forbidden(ulong bit)
    {
        HostRecord with = machine.Altered(report => Write(report, 0x008, SnpGuestPolicy.AlwaysOne | bit), signAgain: true);
        HostRecord without = machine.Altered(report => Write(report, 0x008, SnpGuestPolicy.AlwaysOne), signAgain: true);
        SnpPolicy required = SoftwareMachine.SnpPolicy() with { RequiredGuestPolicy = bit };
        SnpPolicy forbidden = SoftwareMachine.SnpPolicy() with { ForbiddenGuestPolicy = bit };
        AssertPasses(with, required);
        AssertOnlyFailure(CheckNames.GuestPolicy, without, required);
        AssertPasses(without, forbidden);
        AssertOnlyFailure(CheckNames.GuestPolicy, with, forbidden);
    }

    [Fact]
    public void Memory_outside_the_package_is_refused_by_default() =>
        AssertOnlyFailure(CheckNames.GuestPolicy, machine.Altered(report => Write(report, 0x008, SnpGuestPolicy.AlwaysOne | SnpGuestPolicy.CxlAllowed), signAgain: true));

    [Fact]
    public void The_ABI_version_that_the_guest_asked_for_has_a_minimum()
    {
        HostRecord record = machine.Altered(report => Write(report, 0x008, SnpGuestPolicy.AlwaysOne | (1 << 8) | 54), signAgain: true);
        AssertPasses(record, SoftwareMachine.SnpPolicy() with { MinimumAbi = (1, 54) });
        AssertPasses(record, SoftwareMachine.SnpPolicy() with { MinimumAbi = (0, 255) });
        AssertOnlyFailure(CheckNames.GuestAbi, record, SoftwareMachine.SnpPolicy() with { MinimumAbi = (1, 55) });
        AssertOnlyFailure(CheckNames.GuestAbi, record, SoftwareMachine.SnpPolicy() with { MinimumAbi = (2, 0) });
    }

    [Fact]
    public void Mitigations_must_have_been_there_at_launch_and_be_there_now()
    {
        SnpPolicy policy = SoftwareMachine.SnpPolicy() with { RequiredMitigations = 0x0B };
        AssertPasses(With(launch: 0x0F, current: 0x0B), policy);
        AssertOnlyFailure(CheckNames.Mitigations, With(launch: 0x0B, current: 0x09), policy);
        AssertOnlyFailure(CheckNames.Mitigations, With(launch: 0x01, current: 0x0B), policy);
        AssertOnlyFailure(CheckNames.Mitigations, machine.Record(), policy);

        HostRecord With(ulong launch, ulong current) => machine.Altered(
            report =>
            {
                report[0] = 5;
                Write(report, 0x1F8, launch);
                Write(report, 0x200, current);
            },
            signAgain: true);
    }

    [Fact]
    public void An_image_of_a_named_signer_passes_from_its_least_version_on_whatever_it_measures()
    {
        byte[] idKey = SoftwareMachine.Bytes(SnpReport.KeyDigestSize, 0x11);
        byte[] authorKey = SoftwareMachine.Bytes(SnpReport.KeyDigestSize, 0x22);
        SnpPolicy ofIdKey = Signed(new() { IdKeyDigest = idKey, MinimumGuestSvn = 7 });
        SnpPolicy ofAuthor = Signed(new() { AuthorKeyDigest = authorKey, MinimumGuestSvn = 7 });
        SnpPolicy ofBoth = Signed(new() { IdKeyDigest = idKey, AuthorKeyDigest = authorKey, MinimumGuestSvn = 7 });

        AssertPasses(Image(7, hasAuthor: false), ofIdKey);
        AssertPasses(Image(8, hasAuthor: true), ofIdKey);
        AssertPasses(Image(7, hasAuthor: true), ofAuthor);
        AssertPasses(Image(7, hasAuthor: true), ofBoth);
        AssertOnlyFailure(CheckNames.Measurement, Image(6, hasAuthor: true), ofIdKey);
        AssertOnlyFailure(CheckNames.Measurement, Image(7, hasAuthor: false), ofAuthor);
        AssertOnlyFailure(CheckNames.Measurement, Image(7, hasAuthor: false), ofBoth);
        AssertOnlyFailure(CheckNames.Measurement, machine.Altered(report => report[0x090] ^= 1, signAgain: true), ofIdKey);
        AssertOnlyFailure(CheckNames.Measurement, Image(7, hasAuthor: true), Signed(new() { MinimumGuestSvn = 0 }));

        // A zero digest says that there is no key, and is nobody's.
        AssertOnlyFailure(CheckNames.Measurement, machine.Record(), Signed(new() { IdKeyDigest = new byte[48], MinimumGuestSvn = 0 }));

        SnpPolicy Signed(SnpImageSigner signer) => SoftwareMachine.SnpPolicy() with { Measurements = [], Signers = [signer] };

        HostRecord Image(byte svn, bool hasAuthor) => machine.Altered(
            report =>
            {
                report[0x004] = svn;
                report[0x048] = hasAuthor ? (byte)1 : (byte)0;
                report[0x090] ^= 1;
                idKey.CopyTo(report.AsSpan(0x0E0));
                authorKey.CopyTo(report.AsSpan(0x110));
            },
            signAgain: true);
    }

    [Theory]
    [InlineData(CheckNames.FamilyId, 0x010, 16)]
    [InlineData(CheckNames.ImageId, 0x020, 16)]
    [InlineData(CheckNames.HostData, 0x0C0, 32)]
    public void What_configures_the_image_is_compared_as_a_whole_where_the_policy_names_some(string check, int offset, int size)
    {
        ReadOnlyMemory<byte>[] accepted = [SoftwareMachine.Bytes(size, 4), SoftwareMachine.Bytes(size, 5)];
        SnpPolicy policy = SoftwareMachine.SnpPolicy() with
        {
            FamilyIds = check == CheckNames.FamilyId ? accepted : [],
            ImageIds = check == CheckNames.ImageId ? accepted : [],
            HostData = check == CheckNames.HostData ? accepted : [],
        };
        AssertPasses(machine.Altered(report => report.AsSpan(offset, size).Fill(5), signAgain: true), policy);
        AssertOnlyFailure(check, machine.Record(), policy);
        AssertOnlyFailure(check, machine.Altered(
            report =>
            {
                report.AsSpan(offset, size).Fill(5);
                report[offset + size - 1] = 4;
            },
            signAgain: true), policy);
    }

    [Fact]
    public void Only_ones_own_machines_pass_where_the_policy_names_them()
    {
        AssertPasses(machine.Record(), SoftwareMachine.SnpPolicy() with { ChipIds = [machine.Chip.ChipId.ToArray()] });
        AssertOnlyFailure(CheckNames.PinnedChip, machine.Record(), SoftwareMachine.SnpPolicy() with { ChipIds = [SoftwareMachine.Bytes(64, 9)] });
    }

    [Fact]
    public void A_nonce_is_asked_for_and_bound()
    {
        var policy = new AppraisalPolicy { Service = SoftwareMachine.Service, Snp = SoftwareMachine.SnpPolicy(), Freshness = Freshness.Nonce };
        byte[] nonce = RandomNumberGenerator.GetBytes(HostClaims.MinNonceSize);
        byte[] claims = SoftwareMachine.Claims().Encode();
        HostRecord old = machine.Record();
        HostRecord fresh = new(claims, new(SnpReport.MediaType, machine.Chip.Report(SoftwareMachine.Guest, HostClaims.NonceBoundValue(claims, nonce))), old.Endorsements);
        Assert.Empty(Failures(fresh, policy, nonce));
        Assert.Equal([CheckNames.ReportData], Failures(old, policy, nonce));
        Assert.Equal([CheckNames.ReportData], Failures(fresh, policy, RandomNumberGenerator.GetBytes(HostClaims.MinNonceSize)));
        Assert.Equal([CheckNames.Nonce], Failures(old, policy, nonce: null));
        Assert.Throws<ArgumentOutOfRangeException>(() => HostClaims.NonceBoundValue(claims, new byte[15]));
    }

    [Fact]
    public void Keys_made_at_boot_may_hold_for_long_and_those_of_an_epoch_may_not()
    {
        HostRecord record = machine.Record();
        var policy = new AppraisalPolicy { Service = SoftwareMachine.Service, Snp = SoftwareMachine.SnpPolicy(), MaxClaimsLifetime = TimeSpan.FromHours(1) };
        Assert.Equal([CheckNames.ClaimsLifetime], Failures(record, policy, nonce: null));
        var boot = new AppraisalPolicy { Service = policy.Service, Snp = policy.Snp, MaxClaimsLifetime = policy.MaxClaimsLifetime, Freshness = Freshness.Boot };
        Assert.Empty(Failures(record, boot, nonce: null));
    }

    private static string[] Failures(HostRecord record, AppraisalPolicy policy, byte[]? nonce)
    {
        var context = new AppraisalContext { Now = SoftwareMachine.Now, Nonce = nonce };
        AppraisedHost.TryAppraise(record, policy, context, out _, out Verdict verdict);
        return [.. verdict.Failures.Select(check => check.Name)];
    }

    private static void Write(byte[] report, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan(offset), value);

    private static void WriteScalar(byte[] report, int half, BigInteger value)
    {
        report.AsSpan(half, SnpReport.ScalarSize).Clear();
        Assert.True(value.TryWriteBytes(report.AsSpan(half, SnpReport.ScalarSize), out _, isUnsigned: true));
    }

    private static void AssertPasses(HostRecord record, SnpPolicy? policy = null) =>
        Assert.True(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), SoftwareMachine.Now, out _, out Verdict verdict), verdict.ToString());

    private static void AssertRefused(string check, HostRecord record)
    {
        Assert.False(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(), SoftwareMachine.Now, out _, out Verdict verdict));
        Assert.Contains(check, verdict.Failures.Select(failure => failure.Name));
    }

    private static void AssertOnlyFailure(string check, HostRecord record, SnpPolicy? policy = null)
    {
        Assert.False(AppraisedHost.TryAppraise(record, SoftwareMachine.Policy(policy), SoftwareMachine.Now, out _, out Verdict verdict));
        Assert.Equal([check], verdict.Failures.Select(failure => failure.Name));
    }
}

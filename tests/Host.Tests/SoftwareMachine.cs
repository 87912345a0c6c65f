using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.HostAgent;
using Veil.SoftwareTee;

namespace Veil.Host.Tests;

/// <summary>A software root with one chip and one guest, shared by tests because RSA-4096 keys take seconds to make, and what a policy for them says.</summary>
public sealed class SoftwareMachine : IDisposable
{
    public const string Service = "chat.example";

    /// <summary>The instant at which evidence tests take place.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly TcbVersion Tcb = new(Fmc: 0, Bootloader: 4, Tee: 0, Snp: 24, Microcode: 219);

    private static readonly Lazy<SoftwareRoot> SharedRoot = new(() => SoftwareRoot.Create(Now));
    private static readonly Lazy<SoftwareRoot> SharedOtherRoot = new(() => SoftwareRoot.Create(Now));

    public SoftwareMachine()
    {
        Chip = new(Root, Bytes(SnpReport.ChipIdSize, 7), Tcb, Now);
        Attester = new SoftwareTeeAttester(Chip, Guest);
    }

    /// <summary>The root that the policy trusts.</summary>
    public static SoftwareRoot Root => SharedRoot.Value;

    /// <summary>A root with the same names that it does not.</summary>
    public static SoftwareRoot OtherRoot => SharedOtherRoot.Value;

    public static SoftwareGuest Guest { get; } = new() { Measurement = SoftwareGuest.MeasurementOf("test guest") };

    public SoftwareChip Chip { get; }

    public IAttester Attester { get; }

    public static SnpPolicy SnpPolicy(Func<SnpPolicy, SnpPolicy>? change = null)
    {
        var policy = new SnpPolicy { TrustedRoots = [Root.SpkiSha256], Measurements = [Guest.Measurement] };
        return change is null ? policy : change(policy);
    }

    public static AppraisalPolicy Policy(SnpPolicy? snp = null) => new() { Service = Service, Snp = snp ?? SnpPolicy() };

    /// <summary>Claims for three hours from <see cref="Now"/>.</summary>
    public static HostClaims Claims(byte[]? gpuEvidenceDigest = null) => new()
    {
        Id = Bytes(HostClaims.IdSize, 1),
        Epoch = 5,
        NotBefore = Now,
        NotAfter = Now.AddHours(3),
        Service = Service,
        TlsSpkiSha256 = Bytes(HostClaims.HashSize, 2),
        KeyConfig = Bytes(41, 3),
        AcceptsPlainRequests = true,
        GpuEvidenceDigest = gpuEvidenceDigest ?? [],
    };

    /// <summary>An honest record.</summary>
    public HostRecord Record(HostClaims? claims = null)
    {
        byte[] encoded = (claims ?? Claims()).Encode();
        AttestedValue attested = Attester.Attest(HostClaims.BoundValue(encoded));
        return new(encoded, attested.Evidence, attested.Endorsements);
    }

    /// <summary>A record whose report was altered by someone who could then have it signed again, or not.</summary>
    public HostRecord Altered(Action<byte[]> alter, bool signAgain)
    {
        HostRecord honest = Record();
        byte[] report = honest.Evidence.Bytes.ToArray();
        alter(report);
        if (signAgain)
            Chip.Sign(report);
        return new(honest.EncodedClaims, honest.Evidence with { Bytes = report }, honest.Endorsements);
    }

    public void Dispose() => Chip.Dispose();

    public static byte[] Bytes(int size, byte value)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}

using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using Veil.HostAgent;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>What a forger of SEV-SNP evidence has: a root that the policy trusts, a chip under it, a guest that the policy accepts, and a root that nobody trusts.</summary>
internal sealed class SnpForger : IDisposable
{
    private readonly byte[] _chipId = RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize);
    private readonly SoftwareRoot _root;
    private readonly Func<SoftwareTdxPlatform> _startTdx;

    /// <summary>Its keys take seconds to make.</summary>
    private readonly Lazy<SoftwareRoot> _otherRoot;

    /// <param name="root">Becomes the forger's.</param>
    /// <param name="guest">An honest guest.</param>
    /// <param name="tcb">The honest chip's firmware.</param>
    /// <param name="now">When all this takes place.</param>
    /// <param name="startTdx">A TDX machine that a policy for both kinds accepts; asked for only where it is needed.</param>
    public SnpForger(SoftwareRoot root, SoftwareGuest guest, TcbVersion tcb, DateTimeOffset now, Func<SoftwareTdxPlatform> startTdx)
    {
        _startTdx = startTdx;
        (_root, Guest, Tcb, Now) = (root, guest, tcb, now);
        _otherRoot = new(() => SoftwareRoot.Create(now));
        Chip = new SoftwareChip(root, _chipId, tcb, now);
    }

    /// <summary>An honest chip.</summary>
    public SoftwareChip Chip { get; }

    /// <summary>An honest guest.</summary>
    public SoftwareGuest Guest { get; }

    /// <summary>The honest chip's firmware.</summary>
    public TcbVersion Tcb { get; }

    /// <summary>When all this takes place.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>A list on which the ASK stands.</summary>
    /// <exception cref="IOException">The root is from before there were such lists.</exception>
    public Endorsement Revoked() => _root.RevokedIntermediate
        ?? throw new IOException("the root's folder has no list of revoked certificates: take an empty one, and name its root in policies");

    /// <summary>Evidence of another guest than the honest one.</summary>
    public AttestedValue Of(byte[] value, SoftwareGuest guest) => Signed(Chip, guest, value);

    /// <summary>Evidence whose report was changed before the chip signed it.</summary>
    public AttestedValue Changed(byte[] value, Action<byte[]> change)
    {
        byte[] report = Chip.Report(Guest, value);
        change(report);
        Chip.Sign(report);
        return new(new Evidence(SnpReport.MediaType, report), Chip.Endorsements);
    }

    /// <summary>Evidence whose report was changed after the chip had signed it.</summary>
    public AttestedValue Spoiled(byte[] value, Func<byte[], byte[]> spoil) => new(new Evidence(SnpReport.MediaType, spoil(Chip.Report(Guest, value))), Chip.Endorsements);

    /// <summary>Evidence whose signature is over the first bytes of the report.</summary>
    public AttestedValue SignedPart(byte[] value, int size) => Spoiled(value, report =>
    {
        Chip.SignPart(report, size);
        return report;
    });

    /// <summary>Evidence of a chip whose certificate says something else.</summary>
    public AttestedValue Certified(byte[] value, SoftwareEndorsement endorsement)
    {
        using var chip = new SoftwareChip(_root, _chipId, Tcb, Now, endorsement);
        return Signed(chip, Guest, value);
    }

    /// <summary>Evidence of a machine with this firmware.</summary>
    public AttestedValue WithFirmware(byte[] value, TcbVersion tcb)
    {
        using var chip = new SoftwareChip(_root, _chipId, tcb, Now);
        return Signed(chip, Guest, value);
    }

    /// <summary>Evidence of a chip under a root that only has the trusted one's names.</summary>
    public AttestedValue UnderAnotherRoot(byte[] value)
    {
        using var chip = new SoftwareChip(_otherRoot.Value, _chipId, Tcb, Now);
        return Signed(chip, Guest, value);
    }

    /// <summary>Valid evidence of a machine of another kind.</summary>
    public AttestedValue OfTdx(byte[] value)
    {
        using SoftwareTdxPlatform platform = _startTdx();
        return new(new Evidence(TdxQuote.MediaType, platform.Quote(new SoftwareTd { Mrtd = Guest.Measurement }, value)), platform.Endorse());
    }

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        Chip.Dispose();
        _root.Dispose();
        if (_otherRoot.IsValueCreated)
            _otherRoot.Value.Dispose();
    }

    private static AttestedValue Signed(SoftwareChip chip, SoftwareGuest guest, byte[] value) => new(new Evidence(SnpReport.MediaType, chip.Report(guest, value)), chip.Endorsements);
}

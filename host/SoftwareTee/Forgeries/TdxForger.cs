using System.Security.Cryptography;
using System.Text;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using Veil.HostAgent;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>What a forger of TDX evidence has: a machine under a root that the policy trusts, a TD that the policy accepts, and a key that nobody trusts.</summary>
/// <param name="platform">Becomes the forger's.</param>
/// <param name="guest">An honest TD.</param>
/// <param name="now">When all this takes place.</param>
/// <param name="openSnpRoot">The root of SEV-SNP machines that a policy for both kinds trusts; asked for it only when it is needed, as its keys take seconds to make.</param>
internal sealed class TdxForger(SoftwareTdxPlatform platform, SoftwareTd guest, DateTimeOffset now, Func<SoftwareRoot> openSnpRoot) : IDisposable
{
    /// <summary>An honest TD.</summary>
    public SoftwareTd Guest => guest;

    /// <summary>When all this takes place.</summary>
    public DateTimeOffset Now => now;

    /// <summary>A key of the forger's own.</summary>
    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Evidence that is honest but for what is given.</summary>
    public AttestedValue Attest(byte[] value, SoftwareTd? other = null, SoftwareTdxQuote? making = null, SoftwareTdxCollateral? collateral = null) =>
        new(new Evidence(TdxQuote.MediaType, platform.Quote(other ?? guest, value, making)), platform.Endorse(collateral));

    /// <summary>Evidence whose quote was changed after all signatures.</summary>
    public AttestedValue Spoiled(byte[] value, Func<byte[], byte[]> spoil) => new(new Evidence(TdxQuote.MediaType, spoil(platform.Quote(guest, value))), platform.Endorse());

    /// <summary>Evidence of which one piece of collateral was changed after it was signed.</summary>
    public AttestedValue Edited(byte[] value, string mediaType, Func<string, string> edit) =>
        Collateral(value, piece => piece.MediaType == mediaType ? piece with { Bytes = Encoding.UTF8.GetBytes(edit(Encoding.UTF8.GetString(piece.Bytes.Span))) } : piece);

    /// <summary>Evidence without one kind of collateral.</summary>
    public AttestedValue Without(byte[] value, string mediaType)
    {
        AttestedValue honest = Attest(value);
        return new(honest.Evidence, [.. honest.Endorsements.Where(piece => piece.MediaType != mediaType)]);
    }

    /// <summary>Evidence whose collateral was changed after all signatures, piece by piece.</summary>
    public AttestedValue Collateral(byte[] value, Func<Endorsement, Endorsement> change)
    {
        AttestedValue honest = Attest(value);
        return new(honest.Evidence, [.. honest.Endorsements.Select(change)]);
    }

    /// <summary>Evidence of a machine under a root that only has the trusted one's names, or has the trusted one's certificate itself on top of its chain.</summary>
    public AttestedValue UnderAnotherRoot(byte[] value, bool isPinnedOnTop)
    {
        using var other = new SoftwareTdxPlatform(now);
        return isPinnedOnTop
            ? new(new Evidence(TdxQuote.MediaType, other.Quote(guest, value, new() { Top = platform.Root })), platform.Endorse())
            : new(new Evidence(TdxQuote.MediaType, other.Quote(guest, value)), other.Endorse());
    }

    /// <summary>Evidence of a machine whose certificates were made at another time; its collateral is of today.</summary>
    public AttestedValue CertifiedAt(byte[] value, DateTimeOffset made)
    {
        using SoftwareTdxPlatform aged = platform.At(made);
        return new(new Evidence(TdxQuote.MediaType, aged.Quote(guest, value)), aged.Endorse(new() { Made = now.AddDays(-1), ListsEnd = now.AddDays(29) }));
    }

    /// <summary>Evidence whose first revocation list another issuer made.</summary>
    public AttestedValue WithListOfAnotherIssuer(byte[] value) => Attest(value, collateral: new() { ListIssuer = platform.Signer });

    /// <summary>Valid evidence of a machine of another kind.</summary>
    public AttestedValue OfSnp(byte[] value)
    {
        using SoftwareRoot root = openSnpRoot();
        using var chip = new SoftwareChip(root, RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize), PlayedMachine.Tcb, now);
        return new(new Evidence(SnpReport.MediaType, chip.Report(new SoftwareGuest { Measurement = guest.Mrtd }, value)), chip.Endorsements);
    }

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        platform.Dispose();
        Key.Dispose();
    }
}

using System.Security.Cryptography;
using Veil.Attestation.Snp;
using Veil.HostAgent;
using Veil.SoftwareTee.Forgeries;

namespace Veil.SoftwareTee;

/// <summary>The machine that the options describe, honest or with one thing wrong.</summary>
internal sealed class PlayedMachine : IAttester, IDisposable
{
    /// <summary>Levels of the played machine; any would do, these are a Milan machine's of 2025.</summary>
    internal static readonly TcbVersion Tcb = new(Fmc: 0, Bootloader: 4, Tee: 0, Snp: 24, Microcode: 219);

    private readonly IDisposable[] _owned;

    private PlayedMachine(IAttester attester, params IDisposable[] owned) => (Attester, _owned) = (attester, owned);

    /// <summary>Its TEE.</summary>
    public IAttester Attester { get; }

    /// <summary>Makes it; the first under a root makes the root.</summary>
    /// <param name="options">Kind, root and guest.</param>
    /// <param name="forgery">What is wrong with its evidence; null, or one of records, for an honest machine.</param>
    /// <param name="now">When its certificates are made.</param>
    /// <exception cref="IOException">The root's folder cannot be used.</exception>
    /// <exception cref="CryptographicException">The root's folder holds something else.</exception>
    public static PlayedMachine Start(SoftwareTeeOptions options, Forgery? forgery, DateTimeOffset now)
    {
        if (options.Kind is SoftwareTeeOptions.Tdx)
        {
            var td = new SoftwareTd { Mrtd = options.EffectiveMeasurement() };
            SoftwareTdxPlatform platform = SoftwareTdxPlatform.Under(options.RootFolder!, now);
            var forgerOfTds = new TdxForger(platform, td, now);
            return new(forgery is TdxForgery tdx ? new ForgingAttester(value => tdx.Attest(forgerOfTds, value)) : new SoftwareTdxAttester(platform, td), forgerOfTds);
        }

        var guest = new SoftwareGuest { Measurement = options.EffectiveMeasurement() };
        SoftwareRoot root = SoftwareRoot.OpenOrCreate(options.RootFolder!, now);
        var forger = new SnpForger(root, guest, Tcb, now);
        return new(forgery is SnpForgery snp ? new ForgingAttester(value => snp.Attest(forger, value)) : new SoftwareTeeAttester(forger.Chip, guest), forger, root);
    }

    /// <inheritdoc/>
    public AttestedValue Attest(ReadOnlySpan<byte> boundValue) => Attester.Attest(boundValue);

    /// <summary>Erases its keys.</summary>
    public void Dispose() => Array.ForEach(_owned, part => part.Dispose());
}

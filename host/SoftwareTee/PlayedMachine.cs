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

    private readonly Func<byte[], AttestedValue> _attest;
    private readonly IDisposable _forger;

    private PlayedMachine(Func<byte[], AttestedValue> attest, IDisposable forger) => (_attest, _forger) = (attest, forger);

    /// <summary>Makes it; the first under a root makes the root.</summary>
    /// <param name="options">Kind, root and guest.</param>
    /// <param name="forgery">What is wrong with its evidence, made once to see that it can be; null, or one of records, for an honest machine.</param>
    /// <param name="now">When its certificates are made.</param>
    /// <exception cref="IOException">The root's folder cannot be used.</exception>
    /// <exception cref="CryptographicException">The root's folder holds something else.</exception>
    public static PlayedMachine Start(SoftwareTeeOptions options, Forgery? forgery, DateTimeOffset now)
    {
        PlayedMachine machine = options.Kind is SoftwareTeeOptions.Tdx ? StartTdx(options, forgery as TdxForgery, now) : StartSnp(options, forgery as SnpForgery, now);
        try
        {
            if (forgery is not null)
                machine.Attest(new byte[SnpReport.ReportDataSize]);
            return machine;
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public AttestedValue Attest(ReadOnlySpan<byte> boundValue) => _attest(boundValue.ToArray());

    /// <summary>Erases its keys.</summary>
    public void Dispose() => _forger.Dispose();

    private static PlayedMachine StartSnp(SoftwareTeeOptions options, SnpForgery? forgery, DateTimeOffset now)
    {
        var guest = new SoftwareGuest { Measurement = options.EffectiveMeasurement() };
        var forger = new SnpForger(SoftwareRoot.OpenOrCreate(options.RootFolder!, now), guest, Tcb, now, () => SoftwareTdxPlatform.Under(options.RootFolder!, now));
        return new(forgery is null ? value => forger.Of(value, guest) : value => forgery.Attest(forger, value), forger);
    }

    private static PlayedMachine StartTdx(SoftwareTeeOptions options, TdxForgery? forgery, DateTimeOffset now)
    {
        var guest = new SoftwareTd { Mrtd = options.EffectiveMeasurement() };
        var forger = new TdxForger(SoftwareTdxPlatform.Under(options.RootFolder!, now), guest, now, () => SoftwareRoot.OpenOrCreate(options.RootFolder!, now));
        return new(forgery is null ? value => forger.Attest(value) : value => forgery.Attest(forger, value), forger);
    }
}

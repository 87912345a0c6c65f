using System.Globalization;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using Veil.HostAgent.Vendors;

namespace Veil.HostAgent.Configfs;

/// <summary>
/// The machine's own TEE through Linux' configfs-tsm: make a folder, write 64 bytes to <c>inblob</c>, read <c>outblob</c>, remove the folder.
/// <c>generation</c> counts every write: when it has moved by more than ours, somebody else wrote between and the report is not for our value.
/// SEV-SNP (<c>sev_guest</c>) is supported, at the guest's own VMPL and without an SVSM, and TDX (<c>tdx_guest</c>).
/// </summary>
public sealed class ConfigfsAttester : IAttester
{
    private const string SnpProvider = "sev_guest";
    private const string TdxProvider = "tdx_guest";

    /// <summary>Longer ones are of the form that followed versions 4 and 5.</summary>
    private const int MaxQuoteSize = 8 * 1024;

    /// <summary>Other writers attest now and then: five collisions in a row mean one that never stops.</summary>
    private const int Attempts = 5;

    private readonly TsmFolder _folder;
    private readonly VendorCollateral _vendors;
    private readonly IReadOnlyList<Endorsement> _endorsements;
    private readonly string? _collateralFolder;

    /// <summary>Looks for the interface and loads the endorsement files.</summary>
    /// <exception cref="AttesterException">There is no TEE, or a file holds no endorsement.</exception>
    internal ConfigfsAttester(ConfigfsOptions options, TsmFolder folder, VendorCollateral vendors)
    {
        _folder = folder;
        _vendors = vendors;
        _collateralFolder = options.CollateralFolder;
        if (!Directory.Exists(folder.Path))
            throw new AttesterException($"no TEE: {folder.Path} is not there (needs a confidential guest with Linux 6.7 or later and configfs mounted)");
        _endorsements = [.. options.EndorsementFiles.SelectMany(ReadFile)];
    }

    /// <inheritdoc/>
    public AttestedValue Attest(ReadOnlySpan<byte> boundValue)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(boundValue.Length, HostClaims.BoundValueSize);
        byte[] value = boundValue.ToArray();
        try
        {
            string entry = _folder.Add();
            try
            {
                return Attest(entry, value);
            }
            finally
            {
                _folder.Remove(entry);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new AttesterException($"the TEE at {_folder.Path} gave no report: {failure.Message}", failure);
        }
    }

    private AttestedValue Attest(string entry, byte[] value)
    {
        string provider = _folder.ReadText(entry, "provider");
        if (provider is not (SnpProvider or TdxProvider))
            throw new AttesterException($"the TEE's provider is \"{provider}\"; this version reads {SnpProvider} and {TdxProvider}");

        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            long before = ReadGeneration(entry);
            _folder.Write(entry, "inblob", value);
            byte[] report = _folder.Read(entry, "outblob");
            byte[] table = _folder.Read(entry, "auxblob");
            if (ReadGeneration(entry) != before + 1)
                continue;
            if (provider == TdxProvider)
                return ReadQuote(report, value);
            if (!SnpReport.TryParse(report, out SnpReport? parsed, out AttestationError error) || !parsed.ReportData.SequenceEqual(value))
                throw new AttesterException($"the TEE's report is not one for our value ({error})");
            return new(new Evidence(SnpReport.MediaType, report), Endorse(parsed, CertificateTable.Read(table)));
        }

        throw new AttesterException($"another program writes to the TEE's interface at {_folder.Path} all the time");
    }

    private AttestedValue ReadQuote(byte[] quote, byte[] value)
    {
        if (quote.Length > MaxQuoteSize)
            throw new AttesterException($"the TEE's quote has {quote.Length} bytes: over {MaxQuoteSize} it is of a newer form than versions 4 and 5, which are read");
        if (!TdxQuote.TryParse(quote, out TdxQuote? parsed, out AttestationError error) || !parsed.Report.ReportData.SequenceEqual(value))
            throw new AttesterException($"the TEE's quote is not one for our value ({error})");
        return new(new Evidence(TdxQuote.MediaType, quote), Endorse(parsed));
    }

    private IReadOnlyList<Endorsement> Endorse(TdxQuote quote) =>
        _vendors.HasIntel ? _vendors.ForQuote(quote)
        : _collateralFolder is not null ? CollateralFolder.Read(_collateralFolder)
        : throw new AttesterException(
            $"{ConfigfsOptions.Section}:{nameof(ConfigfsOptions.Vendors)}:{nameof(VendorOptions.IntelUrl)} or {ConfigfsOptions.Section}:{nameof(ConfigfsOptions.CollateralFolder)} is missing: clients ask no vendor, so a TDX host hands out Intel's collateral");

    /// <summary>AMD's own word wins over the operator's files, and those over what the machine gives; one about each thing, because verifiers refuse doubles.</summary>
    private Endorsement[] Endorse(SnpReport report, IReadOnlyList<Endorsement> fromTable)
    {
        Endorsement[] others = [.. _endorsements.Concat(fromTable).DistinctBy(EndorsementSubject.Of)];
        return [.. _vendors.ForReport(report, others).Concat(others).DistinctBy(EndorsementSubject.Of)];
    }

    private long ReadGeneration(string entry) => long.Parse(_folder.ReadText(entry, "generation"), NumberStyles.None, CultureInfo.InvariantCulture);

    private static IReadOnlyList<Endorsement> ReadFile(string path)
    {
        const string Option = $"{ConfigfsOptions.Section}:{nameof(ConfigfsOptions.EndorsementFiles)}";
        try
        {
            return Endorsement.ReadFile(File.ReadAllBytes(path)) is { Count: > 0 } found
                ? found
                : throw new AttesterException($"{Option}: {path} holds neither certificates nor revocation lists");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new AttesterException($"{Option}: {path} cannot be read: {failure.Message}", failure);
        }
    }
}

using Veil.Attestation;
using Veil.Attestation.Tdx;

namespace Veil.HostAgent.Configfs;

/// <summary>
/// Intel's collateral as the operator's side keeps it in a folder: <c>tcb_info.json</c>, <c>qe_identity.json</c>, and certificates and revocation lists as <c>*.der</c>,
/// <c>*.crl</c> and <c>*.pem</c>. It is public and signed; a wrong file makes verifiers refuse this host, or this host refuse to start, and nothing worse.
/// </summary>
internal static class CollateralFolder
{
    private const string Option = $"{ConfigfsOptions.Section}:{nameof(ConfigfsOptions.CollateralFolder)}";
    private static readonly string[] Extensions = [".der", ".crl", ".pem"];

    /// <summary>Reads it anew, each certificate and list once.</summary>
    /// <exception cref="AttesterException">A file is missing, cannot be read or holds something else.</exception>
    public static IReadOnlyList<Endorsement> Read(string folder)
    {
        try
        {
            var found = new List<Endorsement>
            {
                new(TdxMediaTypes.TcbInfo, File.ReadAllBytes(Path.Combine(folder, "tcb_info.json"))),
                new(TdxMediaTypes.EnclaveIdentity, File.ReadAllBytes(Path.Combine(folder, "qe_identity.json"))),
            };
            foreach (string file in Directory.EnumerateFiles(folder).Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal)).Order(StringComparer.Ordinal))
            {
                IReadOnlyList<Endorsement> read = Endorsement.ReadFile(File.ReadAllBytes(file));
                if (read.Count == 0)
                {
                    throw new AttesterException($"{Option}: {file} holds neither certificates nor revocation lists");
                }

                found.AddRange(read);
            }

            Endorsement[] distinct = [.. found.DistinctBy(endorsement => Convert.ToHexString(endorsement.Bytes.Span))];
            return distinct.Length <= HostRecord.MaxEndorsements
                ? distinct
                : throw new AttesterException($"{Option}: {folder} holds {distinct.Length} endorsements, at most {HostRecord.MaxEndorsements} fit into a record");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new AttesterException($"{Option}: {folder} cannot be read: {failure.Message}", failure);
        }
    }
}

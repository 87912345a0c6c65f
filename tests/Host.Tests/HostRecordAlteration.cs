using Veil.Attestation;

namespace Veil.Host.Tests;

/// <summary>Records with one part exchanged.</summary>
internal static class HostRecordAlteration
{
    public static HostRecord With(this HostRecord record, IReadOnlyList<Endorsement> endorsements) => new(record.EncodedClaims, record.Evidence, endorsements);
}

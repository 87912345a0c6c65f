using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.SoftwareTee;
using Veil.Transparency;

namespace Veil.Gateway.Tests.Parties;

/// <summary>Records of hosts that no program runs: genuine evidence of a software machine over claims of their own.</summary>
internal static class SoftwareRecord
{
    /// <summary>A record for the tests' service, good for an hour.</summary>
    public static HostRecord Make(SoftwareGuest guest, SoftwareRoot? root = null, int minutesAgo = 1, Checkpoint? checkpoint = null)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using var chip = new SoftwareChip(root ?? TestHost.Root, RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize), new TcbVersion(0, 4, 0, 24, 219), now);
        byte[] claims = new HostClaims
        {
            Id = RandomNumberGenerator.GetBytes(HostClaims.IdSize),
            Epoch = 1,
            NotBefore = now.AddMinutes(-minutesAgo),
            NotAfter = now.AddHours(1),
            CheckpointSize = (ulong)(checkpoint?.Size ?? 0),
            CheckpointRoot = checkpoint?.Root ?? HostClaims.NoCheckpoint,
            Service = TestGateway.Service,
            TlsSpkiSha256 = RandomNumberGenerator.GetBytes(HostClaims.HashSize),
            KeyConfig = RandomNumberGenerator.GetBytes(41),
            AcceptsPlainRequests = true,
        }.Encode();
        return new(claims, new(SnpReport.MediaType, chip.Report(guest, HostClaims.BoundValue(claims))), chip.Endorsements);
    }
}

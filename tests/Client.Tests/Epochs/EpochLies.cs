using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Client.Tests.Exchange;
using Veil.Ohttp;
using Veil.PrivacyPass;
using Veil.SoftwareTee;
using Veil.Transparency.Epochs;

namespace Veil.Client.Tests.Epochs;

/// <summary>What an operator can show to a client and to nobody else, by its name.</summary>
internal static class EpochLies
{
    private const long Now = EpochServer.Now;

    /// <summary>Logs the lie, or has it served. What is logged is signed and cosigned like everything else.</summary>
    public static void Tell(FarSide far, EpochServer epochs, string lie)
    {
        byte[] honest = far.Mirror;
        switch (lie)
        {
            case "another OHTTP key":
                epochs.UpTo().Keys = far.AddKey(2);
                epochs.Authority.Append(epochs.MakeHead(Now));
                break;
            case "another issuer key":
                epochs.UpTo().Authority.Append(epochs.MakeHead(Now, issuer: OtherDirectory()));
                break;
            case "another challenge":
                epochs.UpTo().Authority.Append(epochs.MakeHead(Now, challenge: TokenChallenge.Create(2, "other.example", default, FarSide.Authority).Encoded.ToArray()));
                break;
            case "another policy":
                epochs.UpTo().Authority.Append(epochs.MakeHead(Now, policy: new AuthorityPolicy([]).Write()));
                break;
            case "an omitted host":
                epochs.UpTo().Hosts = [epochs.Hosts[0]];
                epochs.Authority.Append(epochs.MakeHead(Now));
                break;
            case "another OHTTP key under the next epoch":
                epochs.UpTo();
                far.UseKey(2);
                epochs.Authority.Append(epochs.MakeHead(Now + 1));
                break;
            case "an old head, replayed":
                byte[] old = epochs.UpTo(Now - 5).Package(epochs.Authority.Bundle.Epochs.StartOf(Now - 5).AddMinutes(1));
                epochs.UpTo().MirrorInstead = () => old;
                break;
            case "a stalled log":
                epochs.UpTo(Now - 2);
                break;
            case "a log with a witness that nobody knows":
                epochs.UpTo().Authority.IsCosignedByAStranger = true;
                break;
            case "an entry of another authority":
                using (var other = new EpochServer(far))
                    epochs.UpTo(Now - 1).Authority.Append(other.Authority.AuthorityKey.Sign([.. epochs.MakeHead(Now).Write(), (byte)'\n']));
                break;
            case "a key that nobody announced":
                epochs.UpTo(Now - 1);
                far.UseKey(2);
                epochs.UpTo();
                break;
            case "an issuer key that nobody announced":
                epochs.UpTo(Now - 1).Authority.Append(epochs.MakeHead(Now, issuer: OtherDirectory()));
                break;
            case "a key beside the head":
                epochs.UpTo();
                far.UseKey(2);
                break;
            case "a withheld document":
                epochs.UpTo().Change = (path, bytes) => path.EndsWith("/documents", StringComparison.Ordinal) ? new DocumentSet([honest]).Encode() : bytes;
                break;
            case "a host left out of the answer":
                epochs.UpTo().Change = (path, bytes) => path.EndsWith("/hosts", StringComparison.Ordinal) ? new DocumentSet([epochs.Hosts[0].Encode()]).Encode() : bytes;
                break;
            case "a host twice in the head":
                epochs.Hosts = [epochs.Hosts[0], epochs.Hosts[1], epochs.Hosts[1]];
                epochs.UpTo();
                break;
            case "a machine under two ids":
                epochs.Hosts = [epochs.Hosts[0], EpochServer.Host(1, claims => new()
                {
                    Id = new byte[16],
                    Epoch = claims.Epoch,
                    NotBefore = claims.NotBefore,
                    NotAfter = claims.NotAfter,
                    Service = claims.Service,
                    TlsSpkiSha256 = claims.TlsSpkiSha256,
                    KeyConfig = claims.KeyConfig,
                    AcceptsPlainRequests = true,
                })];
                epochs.UpTo();
                break;
            case "a sealing key under two key ids":
                byte[] config = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm).Config.Write();
                epochs.Hosts = [.. new byte[] { 1, 2 }.Select(number => EpochServer.Host(number, claims => new()
                {
                    Id = claims.Id,
                    Epoch = claims.Epoch,
                    NotBefore = claims.NotBefore,
                    NotAfter = claims.NotAfter,
                    Service = claims.Service,
                    TlsSpkiSha256 = claims.TlsSpkiSha256,
                    KeyConfig = (byte[])[number, .. config[1..]],
                    AcceptsPlainRequests = true,
                }))];
                epochs.UpTo();
                break;
            case "a guest under two sets of keys":
                var guest = new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf(EpochServer.ReleaseName), ReportId = SHA256.HashData("one guest"u8) };
                epochs.Hosts = [EpochServer.Host(1, guest: guest), EpochServer.Host(2, guest: guest)];
                epochs.UpTo();
                break;
            default:
                throw new ArgumentException(lie);
        }
    }

    private static byte[] OtherDirectory()
    {
        using TokenIssuerKey other = FarSide.NewIssuerKey(2);
        return new IssuerDirectory("/token-request", [new IssuerDirectoryKey(2, other.PublicKey.Encoding.ToArray(), null)]).Write();
    }
}

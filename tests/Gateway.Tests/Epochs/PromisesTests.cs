using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Gateway.Epochs;
using Veil.Gateway.Tests.Parties;
using Veil.SoftwareTee;

namespace Veil.Gateway.Tests.Epochs;

public static class PromisesTests
{
    [Fact]
    public static void A_guest_that_changes_its_keys_stands_in_a_head_once_with_the_newer()
    {
        SoftwareGuest one = TestHost.Guest with { ReportId = SHA256.HashData("one"u8) };
        SoftwareGuest other = TestHost.Guest with { ReportId = SHA256.HashData("other"u8) };
        AppraisedHost[] hosts = [Host(one, minutesAgo: 30), Host(one, minutesAgo: 10), Host(other, minutesAgo: 20), Host(one, minutesAgo: 20)];
        Assert.Equal([hosts[1], hosts[2]], Promises.EachOnce(hosts));
    }

    private static AppraisedHost Host(SoftwareGuest guest, int minutesAgo)
    {
        var policy = new AppraisalPolicy { Service = TestGateway.Service, Snp = new() { TrustedRoots = [TestHost.Root.SpkiSha256], Measurements = [guest.Measurement] } };
        return AppraisedHost.TryAppraise(SoftwareRecord.Make(guest, minutesAgo: minutesAgo), policy, DateTimeOffset.UtcNow, out AppraisedHost? host, out Verdict verdict)
            ? host
            : throw new InvalidOperationException(verdict.ToString());
    }
}

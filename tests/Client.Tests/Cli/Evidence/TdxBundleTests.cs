using System.Security.Cryptography;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Tdx;
using Veil.SoftwareTee;

namespace Veil.Client.Tests.Cli.Evidence;

/// <summary><c>veil evidence record</c> on a TDX host: what names its platform stays here.</summary>
public sealed class TdxBundleTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SoftwareTdxPlatform _platform = new(Now);
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-bundle-").FullName;

    [Theory]
    [InlineData(null)]
    [InlineData("other key")]
    public async Task Neither_the_attestation_key_nor_a_hash_of_it_is_told(string? forgery)
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] quote = _platform.Quote(new() { Mrtd = new byte[48] }, new byte[64], forgery is null ? null : new() { BoundKey = other });
        Assert.True(TdxQuote.TryParse(quote, out TdxQuote? parsed, out _));
        string output = await RecordAsync(quote, _platform.Endorse());
        foreach (byte[] secret in new[] { parsed.AttestationKey.ToArray(), parsed.EnclaveReport.ReportData[..32].ToArray() })
        {
            Assert.DoesNotContain(Convert.ToHexString(secret), output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(secret)[..40], output, StringComparison.Ordinal);
        }

        Assert.Contains(CheckNames.EnclaveKey, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_endorsements_only_what_is_whole_and_of_its_manufacturers_form_is_told()
    {
        IReadOnlyList<Endorsement> honest = _platform.Endorse();
        byte[] tail = RandomNumberGenerator.GetBytes(48);
        Endorsement[] longer = [.. honest.Select(endorsement => endorsement with { Bytes = (byte[])[.. endorsement.Bytes.Span, .. tail] })];
        byte[] quote = _platform.Quote(new() { Mrtd = new byte[48] }, new byte[64]);
        Assert.All(Parts(await RecordAsync(quote, honest)), part => Assert.True(part.TryGetProperty("bytes", out _)));
        Assert.All(Parts(await RecordAsync(quote, longer)), part => Assert.False(part.TryGetProperty("bytes", out _)));
        Assert.All(Parts(await RecordAsync(quote, longer, "--whole")), part => Assert.True(part.TryGetProperty("bytes", out _)));
    }

    [Fact]
    public async Task The_certificate_of_an_AMD_chip_among_them_is_not_told()
    {
        using SoftwareRoot root = SoftwareRoot.Create(Now);
        using var chip = new SoftwareChip(root, RandomNumberGenerator.GetBytes(64), new(0, 4, 0, 24, 219), Now);
        JsonElement[] parts = Parts(await RecordAsync(_platform.Quote(new() { Mrtd = new byte[48] }, new byte[64]), [.. _platform.Endorse(), chip.Endorsements[0]]));
        Assert.All(parts[..^1], part => Assert.True(part.TryGetProperty("bytes", out _)));
        Assert.False(parts[^1].TryGetProperty("bytes", out _));
    }

    /// <summary>Collateral of 30 days ends long before the certificates do.</summary>
    [Fact]
    public async Task A_plan_says_when_the_collateral_of_a_host_ends()
    {
        string hosts = Directory.CreateDirectory(Path.Combine(_folder, "hosts")).FullName;
        (string record, string policy) = Write(quote: null, _platform.Endorse());
        File.Move(record, Path.Combine(hosts, "td.cbor"));

        (int code, string output, _) = await VeilCommand.RunAsync(["plan", hosts, "--policy", policy, "--at", "2026-03-01T13:00:00Z", "--days", "20"]);
        Assert.Equal((0, "td.cbor: accepted\n"), (code, output));

        (code, output, _) = await VeilCommand.RunAsync(["plan", hosts, "--policy", policy, "--at", "2026-03-01T13:00:00Z", "--days", "40", "--json"]);
        Assert.Equal(1, code);
        JsonElement after = JsonDocument.Parse(output).RootElement.GetProperty("refused_after");
        Assert.InRange(after.GetProperty("at").GetDateTimeOffset(), Now.AddDays(28), Now.AddDays(30));
        Assert.Equal(CheckNames.CollateralValidity, after.GetProperty("check").GetString());
    }

    public void Dispose()
    {
        _platform.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static JsonElement[] Parts(string output) => [.. JsonDocument.Parse(output).RootElement.GetProperty("endorsements").EnumerateArray()];

    private async Task<string> RecordAsync(byte[] quote, IReadOnlyList<Endorsement> endorsements, params string[] arguments)
    {
        (string file, string policy) = Write(quote, endorsements);
        (_, string output, string error) = await VeilCommand.RunAsync(["evidence", "record", file, "--policy", policy, "--at", "2026-03-01T13:00:00Z", .. arguments]);
        Assert.Equal("", error);
        return output;
    }

    /// <summary>A host's record, with a quote over its claims where none is given, and a policy that accepts it.</summary>
    private (string Record, string Policy) Write(byte[]? quote, IReadOnlyList<Endorsement> endorsements)
    {
        byte[] claims = new HostClaims
        {
            Id = new byte[HostClaims.IdSize],
            Epoch = 5,
            NotBefore = Now,
            NotAfter = Now.AddHours(3),
            Service = "chat.example",
            TlsSpkiSha256 = new byte[HostClaims.HashSize],
            KeyConfig = new byte[41],
            AcceptsPlainRequests = true,
        }.Encode();
        string file = Path.Combine(_folder, $"{Guid.NewGuid():n}.cbor");
        File.WriteAllBytes(file, new HostRecord(claims, new(TdxQuote.MediaType, quote ?? _platform.Quote(new() { Mrtd = new byte[48] }, HostClaims.BoundValue(claims))), endorsements).Encode());
        string policy = Path.Combine(_folder, "policy.json");
        File.WriteAllText(policy, $$"""{"v":1,"service":"chat.example","kinds":{"tdx":{"trusted_roots":["{{Convert.ToHexStringLower(_platform.SpkiSha256)}}"],"images":[{"mrtd":"{{new string('0', 96)}}"}]} } }""");
        return (file, policy);
    }
}

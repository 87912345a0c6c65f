using System.Net;
using System.Net.Sockets;
using Veil.Relay.Tests.Rig;
using Veil.ServiceDefaults;

namespace Veil.Relay.Tests.ServiceDefaults;

/// <summary>A start with a wrong configuration ends with one line per problem and no stack trace.</summary>
[Collection("standard error")]
public sealed class StartTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task Every_wrong_setting_is_named_with_what_was_found_and_what_is_allowed()
    {
        (int code, string[] lines) = await RunAsync(
            "--Server:AllowPlaintext=true", "--Server:Listen=nowhere", "--Server:MaxConnections=0", "--Relay:IdleTimeout=00:00:00", "--Relay:Gateways:g:Url=http://gateway.example/",
            "--Relay:Gateways:g:HttpVersion=3");
        Assert.Equal(ServiceProgram.BadConfiguration, code);
        Assert.Equal(
        [
            "veil-relay: Relay:Gateways:g:HttpVersion: found \"3\"; allowed: 2 or 1.1",
            "veil-relay: Relay:Gateways:g:Url: found \"http://gateway.example/\"; allowed: an absolute https URL without user name, query and fragment",
            "veil-relay: Relay:IdleTimeout: found \"00:00:00\"; allowed: 00:00:01 to 01:00:00",
            "veil-relay: Server:Listen: found \"nowhere\"; allowed: an address and a port, such as 127.0.0.1:8443 or [::]:8443",
            "veil-relay: Server:MaxConnections: found \"0\"; allowed: 1 to 1000000",
        ], lines.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--Relay:Gatways:g:Url=https://g.example/", "Relay:Gatways: found an unknown setting; allowed: AddressSlots")]
    [InlineData("--Relay:Gateways:g:Urll=https://g.example/", "Relay:Gateways:g:Urll: found an unknown setting; allowed: HttpVersion, LocalAddress, MirrorEpoch, Tls, Url")]
    [InlineData("--Relay:Burst=many", "Relay:Burst: found \"many\"; allowed: a whole number")]
    [InlineData("--Relay:Gateways=x", "Relay:Gateways: found \"x\"; allowed: a group of settings")]
    [InlineData("--Relay:Burst:a=1", "Relay:Burst: found a group of settings; allowed: a whole number")]
    [InlineData("--Relay:IdleTimeout=2 minutes", "Relay:IdleTimeout: found \"2 minutes\"; allowed: a time as hours:minutes:seconds")]
    public async Task A_typo_stops_the_start(string setting, string line)
    {
        (int code, string[] lines) = await RunAsync("--Server:AllowPlaintext=true", "--Relay:Gateways:ok:Url=https://g.example/", setting);
        Assert.Equal(ServiceProgram.BadConfiguration, code);
        Assert.StartsWith("veil-relay: " + line, Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_certificate_a_missing_pair_and_a_bad_name_stop_the_start()
    {
        (_, string[] lines) = await RunAsync("--Relay:Gateways:ok:Url=https://g.example/");
        Assert.Equal("veil-relay: Server:CertificateFile: found nothing; allowed: a PEM certificate with KeyFile (or Server:AllowPlaintext true, without TLS)", Assert.Single(lines));
        (_, lines) = await RunAsync("--Server:AllowPlaintext=true", "--Relay:Gateways:Not/ok:Url=https://g.example/");
        Assert.Equal("veil-relay: Relay:Gateways:Not/ok: found \"Not/ok\"; allowed: a name of 1 to 63 lower-case letters, digits and hyphens", Assert.Single(lines));
    }

    [Fact]
    public async Task A_configuration_file_that_is_absent_or_has_an_unknown_section_stops_the_start()
    {
        (int code, string[] lines) = await RunAsync("--config", "/nowhere/relay.json");
        Assert.Equal(ServiceProgram.BadConfiguration, code);
        Assert.Equal("veil-relay: --config: found \"/nowhere/relay.json\", which is not there; allowed: a readable JSON file", Assert.Single(lines));

        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "{ \"Sever\": { \"Listen\": \"127.0.0.1:0\" } }", TestContext.Current.CancellationToken);
        (code, lines) = await RunAsync("--config", file);
        File.Delete(file);
        Assert.Equal(ServiceProgram.BadConfiguration, code);
        Assert.Equal("veil-relay: Sever: found an unknown section; allowed: Relay, Server", Assert.Single(lines));
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_and_another_exit_code()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        (int code, string[] lines) = await RunAsync("--Server:AllowPlaintext=true", $"--Server:Listen={taken.LocalEndPoint}", "--Relay:Gateways:ok:Url=https://127.0.0.1:1/");
        Assert.Equal(ServiceProgram.StartFailed, code);
        Assert.Contains("address already in use", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_certificate_stops_the_start()
    {
        (_, string[] lines) = await RunAsync(
            $"--Server:CertificateFile={_certificates.ServerCertificate}", $"--Server:KeyFile={_certificates.ClientKey}", "--Server:Listen=127.0.0.1:0", "--Relay:Gateways:ok:Url=https://127.0.0.1:1/");
        Assert.StartsWith($"veil-relay: cannot use the certificate {_certificates.ServerCertificate}", Assert.Single(lines), StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();

    private static async Task<(int Code, string[] Lines)> RunAsync(params string[] args)
    {
        var errors = new StringWriter();
        TextWriter before = Console.Error;
        Console.SetError(errors);
        try
        {
            int code = await ServiceProgram.RunAsync(RelayApp.Name, () => RelayApp.Build(args));
            return (code, errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            Console.SetError(before);
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Configuration;
using Veil.Relay.Tests.Rig;
using Veil.ServiceDefaults;

namespace Veil.Relay.Tests;

/// <summary>What operators get in <c>ops/containers</c>.</summary>
public sealed class ContainerTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public void The_sample_configuration_has_only_settings_that_exist()
    {
        IConfigurationRoot sample = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryRoot.Path, "ops/containers/relay/appsettings.json")).Build();
        Assert.Equal(["Relay", "Server"], sample.GetChildren().Select(section => section.Key).Order(StringComparer.Ordinal));
        Assert.Empty(ConfigurationShape.Check(sample.GetSection(RelayOptions.Section), typeof(RelayOptions)));
        Assert.Empty(ConfigurationShape.Check(sample.GetSection(ServerOptions.Section), typeof(ServerOptions)));

        var relay = new RelayOptions();
        sample.GetSection(RelayOptions.Section).Bind(relay);
        Assert.Single(relay.Gateways);
        Assert.All(AnnotationCheck.Check(RelayOptions.Section, relay), problem => Assert.EndsWith("File", problem.Property, StringComparison.Ordinal));
        Assert.True(new RelayOptionsRules().Validate(null, relay).Succeeded);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_image_runs_read_only_as_uid_1654_and_forwards_a_request()
    {
        Assert.SkipUnless(OnPath("buildah") && OnPath("podman") && OnPath("runc"), "buildah, podman and runc are needed to build and run an image");
        Assert.SkipUnless(Environment.UserName == "root", "an image with files of other users is built as root here");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an image of Linux");
        string work = Directory.CreateTempSubdirectory("veil-image-").FullName;
        string[] storage = ["--root", Path.Combine(work, "root"), "--runroot", Path.Combine(work, "run"), "--storage-driver", "vfs"];
        string containers = Path.Combine(RepositoryRoot.Path, "ops/containers");
        int port = FreePort();
        string name = $"veil-relay-test-{Environment.ProcessId}";
        try
        {
            var environment = new Dictionary<string, string> { ["ENGINE"] = "buildah", ["ENGINE_FLAGS"] = string.Join(' ', storage), ["BASE"] = "localhost/veil-base", ["MSBUILDDISABLENODEREUSE"] = "1" };
            await RunAsync(Path.Combine(containers, "local-base.sh"), [], environment);
            await RunAsync(Path.Combine(containers, "build.sh"), ["relay"], environment);

            await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"));
            string settings = _certificates.ShareWithContainers();
            using Process container = Start("podman",
            [
                .. storage, "--runtime", "runc", "run", "--rm", "--name", name, "--network=host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--read-only",
                "--cap-drop=all", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp", "-v", $"{settings}:{settings}:ro",
                "-e", $"Server__Listen=127.0.0.1:{port}", "-e", $"Server__CertificateFile={_certificates.ServerCertificate}", "-e", $"Server__KeyFile={_certificates.ServerKey}",
                "-e", $"Relay__Gateways__g__Url={gateway.Url}", "-e", $"Relay__Gateways__g__Tls__TrustedRootsFile={_certificates.Roots}", "localhost/veil-relay:latest",
            ], []);
            string? line = await container.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.True(line?.Contains("listens on", StringComparison.Ordinal) == true, line ?? await container.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));

            using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Equals(_certificates.Server) } });
            using HttpResponseMessage answer = await client.PostAsync(new Uri($"https://127.0.0.1:{port}/g"), Sealed.Content([1]), TestContext.Current.CancellationToken);
            Assert.Equal("answer", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

            string user = await RunAsync("podman", [.. storage, "--runtime", "runc", "top", name, "huser"], []);
            Assert.Equal(["HUSER", "1654"], user.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            await RunAsync("podman", [.. storage, "--runtime", "runc", "stop", "-t", "10", name], []);
            await container.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, container.ExitCode);
        }
        finally
        {
            await CleanAsync(storage, name, work);
        }
    }

    public void Dispose() => _certificates.Dispose();

    private static bool OnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static Process Start(string command, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string key, string value) in environment)
            start.Environment[key] = value;
        return Process.Start(start)!;
    }

    private static async Task<string> RunAsync(string command, string[] arguments, Dictionary<string, string> environment)
    {
        using Process process = Start(command, arguments, environment);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)}: {output}{await errors}");
        return output;
    }

    private static async Task CleanAsync(string[] storage, string name, string work)
    {
        using Process remove = Start("podman", [.. storage, "--runtime", "runc", "rm", "-f", "-t", "0", name], []);
        await remove.WaitForExitAsync(CancellationToken.None);
        using Process delete = Start("rm", ["-rf", work], []);
        await delete.WaitForExitAsync(CancellationToken.None);
    }
}

using System.Collections;
using Veil.HostAgent;

namespace Veil.Host.Tests.Agent;

public static class UnmeasuredEnvironmentTests
{
    [Theory]
    [InlineData("LD_PRELOAD")]
    [InlineData("LD_LIBRARY_PATH")]
    [InlineData("LD_AUDIT")]
    [InlineData("LD_ORIGIN_PATH")]
    [InlineData("GCONV_PATH")]
    [InlineData("GLIBC_TUNABLES")]
    [InlineData("OPENSSL_CONF")]
    [InlineData("OPENSSL_MODULES")]
    [InlineData("OPENSSL_ENGINES")]
    [InlineData("DOTNET_OPENSSL_VERSION_OVERRIDE")]
    [InlineData("DOTNET_ROOT")]
    [InlineData("DOTNET_ROOT_X64")]
    [InlineData("DOTNET_ROLL_FORWARD")]
    [InlineData("DOTNET_ROLL_FORWARD_TO_PRERELEASE")]
    [InlineData("DOTNET_GCName")]
    [InlineData("DOTNET_GCPath")]
    [InlineData("DOTNET_AltJitName")]
    [InlineData("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES")]
    [InlineData("DOTNET_STARTUP_HOOKS")]
    [InlineData("DOTNET_ADDITIONAL_DEPS")]
    [InlineData("DOTNET_SHARED_STORE")]
    [InlineData("DOTNET_DiagnosticPorts")]
    [InlineData("dotnet_diagnosticports")]
    [InlineData("CORECLR_ENABLE_PROFILING")]
    [InlineData("CORECLR_PROFILER")]
    [InlineData("CORECLR_PROFILER_PATH_64")]
    [InlineData("COMPlus_StartupHooks")]
    public static void A_variable_that_could_change_the_code_is_found(string name) =>
        Assert.Equal([name], UnmeasuredEnvironment.Find(new Hashtable { [name] = "/tmp/other.so", ["PATH"] = "/usr/bin" }));

    [Fact]
    public static void Empty_and_other_variables_are_let_be() =>
        Assert.Empty(UnmeasuredEnvironment.Find(new Hashtable { ["LD_PRELOAD"] = string.Empty, ["PATH"] = "/usr/bin", ["DOTNET_EnableDiagnostics"] = "0", ["DOTNET_gcServer"] = "0", ["DOTNET_RUNNING_IN_CONTAINER"] = "true", ["ASPNETCORE_URLS"] = "http://localhost", ["Host__Service"] = "a" }));
}

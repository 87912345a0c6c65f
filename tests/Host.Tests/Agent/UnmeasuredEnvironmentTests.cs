using System.Collections;
using Veil.HostAgent;

namespace Veil.Host.Tests.Agent;

public static class UnmeasuredEnvironmentTests
{
    [Theory]
    [InlineData("LD_PRELOAD")]
    [InlineData("LD_LIBRARY_PATH")]
    [InlineData("LD_AUDIT")]
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
        Assert.Empty(UnmeasuredEnvironment.Find(new Hashtable { ["LD_PRELOAD"] = string.Empty, ["PATH"] = "/usr/bin", ["DOTNET_ROOT"] = "/usr/share/dotnet", ["Host__Service"] = "a" }));
}

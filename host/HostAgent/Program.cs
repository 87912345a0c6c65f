using Veil.HostAgent;
using Veil.HostAgent.Configfs;
using Veil.ServiceDefaults;

return await ServiceProgram.RunAsync("veil-host", () =>
{
    IReadOnlyList<string> unmeasured = UnmeasuredEnvironment.Find(Environment.GetEnvironmentVariables());
    return unmeasured.Count > 0
        ? throw new StartupException($"the environment could change the code that runs: {string.Join(", ", unmeasured)} must not be set")
        : HostAgentApp.Build(args, "veil-host", services => services.AddConfigfsAttester());
});

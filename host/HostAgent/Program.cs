using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Veil.HostAgent;
using Veil.HostAgent.Configfs;
using Veil.ServiceDefaults;

return await ServiceProgram.RunAsync("veil-host", () => HostAgentApp.Build(args, "veil-host", services => services
    .AddValidatedOptions<ConfigfsOptions>(ConfigfsOptions.Section)
    .AddSingleton<IAttester>(provider => new ConfigfsAttester(provider.GetRequiredService<IOptions<ConfigfsOptions>>().Value))));

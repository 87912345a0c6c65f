using Veil.Relay;
using Veil.ServiceDefaults;

return await ServiceProgram.RunAsync(RelayApp.Name, () => RelayApp.Build(args));

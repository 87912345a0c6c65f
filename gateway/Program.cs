using Veil.Gateway;
using Veil.ServiceDefaults;

return await ServiceProgram.RunAsync(GatewayApp.Name, () => GatewayApp.Build(args));

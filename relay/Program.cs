using Veil.Relay;
using Veil.ServiceDefaults;

// A relay only moves bytes: socket completions run where they arrive instead of queueing for another thread. Read once, at the first socket.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

return await ServiceProgram.RunAsync(RelayApp.Name, () => RelayApp.Build(args));

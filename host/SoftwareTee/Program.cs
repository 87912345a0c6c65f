using Veil.HostAgent;
using Veil.ServiceDefaults;
using Veil.SoftwareTee;

return args is ["root", ..]
    ? RootCommand.Run(args[1..])
    : args is ["record", ..] ? RecordCommand.Run(args[1..])
    : await ServiceProgram.RunAsync("veil-software-tee", () => HostAgentApp.Build(args, "veil-software-tee", services => services.AddSoftwareTee()));

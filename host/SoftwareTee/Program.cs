using Veil.HostAgent;
using Veil.ServiceDefaults;
using Veil.SoftwareTee;

return args switch
{
    ["root", .. var rest] => RootCommand.Run(rest),
    ["record", .. var rest] => RecordCommand.Run(rest),
    ["forgeries", .. var rest] => ForgeriesCommand.Run(rest),
    _ => await ServiceProgram.RunAsync("veil-software-tee", () => HostAgentApp.Build(args, "veil-software-tee", services => services.AddSoftwareTee())),
};

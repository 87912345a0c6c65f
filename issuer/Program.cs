using System.CommandLine;
using Veil.Issuer;

// The host drains on SIGTERM by itself: a second handler would end the process with 143 after two seconds.
return await IssuerCommands.Root().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

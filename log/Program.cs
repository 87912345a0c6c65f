using System.CommandLine;
using Veil.TransparencyLog.Commands;

// The host drains on SIGTERM by itself: a second handler would end the process with 143 after two seconds.
return await LogCommands.Root().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

using System.CommandLine;
using Veil.TransparencyLog.Commands;

// A service's host drains on SIGTERM by itself: a second handler would end the process with 143 after two seconds. The monitor has no host, and its exit code says whether it found something.
TimeSpan? endWithin = args is ["monitor", ..] ? TimeSpan.FromSeconds(2) : null;
return await LogCommands.Root().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = endWithin });

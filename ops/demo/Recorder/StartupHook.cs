using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Veil.Recorder;

/// <summary>
/// Runs before the Main of a program that was started with DOTNET_STARTUP_HOOKS set to this assembly, and puts a
/// recorder in front of its request pipeline. The programs themselves are the shipped ones: they have no recording code.
/// </summary>
#pragma warning disable CA1050 // The runtime looks for a type of this name outside any namespace.
internal static class StartupHook
#pragma warning restore CA1050
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable("VEIL_RECORDER_FILE") is { Length: > 0 } file)
        {
            DiagnosticListener.AllListeners.Subscribe(new Observer<DiagnosticListener>(listener =>
            {
                if (listener.Name == "Microsoft.Extensions.Hosting")
                {
                    listener.Subscribe(new Observer<KeyValuePair<string, object?>>(written => Attach(written, file)));
                }
            }));
        }
    }

    private static void Attach(KeyValuePair<string, object?> written, string file)
    {
        if (written is { Key: "HostBuilding", Value: IHostBuilder host })
        {
            var records = new RecordFile(file);
            host.ConfigureServices(services =>
            {
                services.AddSingleton<IStartupFilter>(new RecordingFilter(records));

                // First in line, so that it counts for the end points that the program itself sets up.
                services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(
                    new ConfigureOptions<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection =>
                    {
                        records.Append(Record.OfConnection((IPEndPoint)connection.RemoteEndPoint!, (IPEndPoint)connection.LocalEndPoint!));
                        return next(connection);
                    })))));
            });
        }
    }

    private sealed class Observer<T>(Action<T> onNext) : IObserver<T>
    {
        public void OnNext(T value) => onNext(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Veil.ServiceDefaults;

/// <summary>Sends the <c>Veil.*</c> meters to the operator's OTLP collector where <see cref="ServerOptions.OtlpEndpoint"/> names one. Metrics only: there are no traces.</summary>
internal sealed class OtlpExport(IOptions<ServerOptions> options, ServiceDescription description) : IHostedService, IDisposable
{
    private MeterProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.OtlpEndpoint is { } endpoint)
        {
            // HTTP with protobuf: the collector's URL is used as it stands.
            _provider = Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(resource => resource.Clear().AddService(description.Name, autoGenerateServiceInstanceId: false))
                .AddMeter(MetricsCollector.OwnMeters + "*")
                .AddOtlpExporter(exporter =>
                {
                    exporter.Endpoint = endpoint;
                    exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                })
                .Build();
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _provider?.ForceFlush((int)TimeSpan.FromSeconds(2).TotalMilliseconds);
        return Task.CompletedTask;
    }

    public void Dispose() => _provider?.Dispose();
}

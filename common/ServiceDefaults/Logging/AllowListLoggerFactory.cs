using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Veil.ServiceDefaults;

/// <summary>
/// The only logger factory of a service. Frameworks get a logger that is never enabled, whatever level is configured: they write URLs,
/// header values and connection ids. Providers cannot be added. <c>Logging:LogLevel:Default</c> sets the least level (default Information).
/// </summary>
internal sealed class AllowListLoggerFactory(ServiceDescription description, LogOutput output, TimeProvider clock, IConfiguration configuration) : ILoggerFactory
{
    private readonly EventCatalog[] _catalogs = [new EventCatalog(typeof(Log)), .. description.Events.Select(type => new EventCatalog(type))];
    private readonly LogLevel _least = Enum.TryParse(configuration["Logging:LogLevel:Default"], ignoreCase: true, out LogLevel level) ? level : LogLevel.Information;

    public ILogger CreateLogger(string categoryName)
    {
        if (FaultLogger.Watches(categoryName))
            return new FaultLogger(CreateLogger(typeof(FaultLogger).FullName!));
        return _catalogs.FirstOrDefault(catalog => catalog.Covers(categoryName)) is { } catalog
            ? new AllowListLogger(categoryName[(categoryName.LastIndexOf('.') + 1)..], catalog, _least, output, clock)
            : NullLogger.Instance;
    }

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}

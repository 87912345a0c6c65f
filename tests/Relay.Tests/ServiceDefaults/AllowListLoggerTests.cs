using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Veil.Relay.Tests.Rig;
using Veil.ServiceDefaults;

namespace Veil.Relay.Tests.ServiceDefaults;

public sealed class AllowListLoggerTests : IDisposable
{
    private readonly StringWriter _written = new();

    [Fact]
    public void A_declared_event_is_one_line_with_the_time_to_the_second()
    {
        Logger("Veil.Relay.Mirror.DocumentMirror").Mirrored("keys", "g", 41);
        Assert.Equal("2026-01-01T00:00:00Z info DocumentMirror.Mirrored new keys of gateway g: 41 bytes\n", _written.ToString());
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel.BadRequests")]
    [InlineData("Yarp.ReverseProxy.Forwarder.HttpForwarder")]
    [InlineData("System.Net.Http.HttpClient.Default.LogicalHandler")]
    [InlineData("Veil.RelayX.Type")]
    [InlineData("")]
    public void Other_categories_are_never_enabled_even_at_trace(string category)
    {
        ILogger logger = Logger(category);
        Assert.All(Enum.GetValues<LogLevel>(), level => Assert.False(logger.IsEnabled(level)));
        logger.Mirrored("keys", "g", 41);
        Assert.Empty(_written.ToString());
    }

    [Fact]
    public void An_event_that_log_does_not_declare_is_dropped_in_our_own_categories_too()
    {
        ILogger logger = Logger("Veil.Relay.Anything");
        logger.Log(LogLevel.Critical, new EventId(77), "secret", null, (state, _) => state);
        logger.Log(LogLevel.Critical, new EventId(1, "SomethingElse"), "secret", null, (state, _) => state);
        Assert.Empty(_written.ToString());
    }

    [Fact]
    public void Of_an_exception_only_the_type_is_told_and_line_ends_cannot_forge_lines()
    {
        Logger("Veil.Relay.Mirror.DocumentMirror").Log(LogLevel.Warning, new EventId(1), "first\nsecond", new InvalidOperationException("secret"), (state, failure) => state + failure?.Message);
        Assert.Equal("2026-01-01T00:00:00Z warn DocumentMirror.Mirrored first second (InvalidOperationException)\n", _written.ToString());
    }

    [Fact]
    public void A_fault_that_kestrel_reports_is_told_by_type_alone()
    {
        Logger("Microsoft.AspNetCore.Server.Kestrel").Log(LogLevel.Error, new EventId(13), "secret", new InvalidOperationException("secret"), (state, _) => state);
        Assert.Equal("2026-01-01T00:00:00Z error FaultLogger.RequestFaulted a request ended in an unhandled InvalidOperationException\n", _written.ToString());
    }

    public void Dispose() => _written.Dispose();

    private ILogger Logger(string category)
    {
        IConfiguration trace = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:LogLevel:Default", "Trace")]).Build();
        return new AllowListLoggerFactory(new ServiceDescription("veil-relay", typeof(Relay.Log)), new LogOutput(_written), new ManualClock(), trace).CreateLogger(category);
    }
}

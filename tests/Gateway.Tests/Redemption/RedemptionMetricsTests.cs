using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Veil.Gateway.Redemption;

namespace Veil.Gateway.Tests.Redemption;

public static class RedemptionMetricsTests
{
    [Fact]
    public static void Verdicts_times_and_the_queue_are_told_and_nothing_of_who_asked()
    {
        IMeterFactory meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        var told = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => told.Enqueue(Line(instrument, value, tags)));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => told.Enqueue(Line(instrument, value, tags)));
        listener.Start();
        using var metrics = new RedemptionMetrics(meters);

        metrics.Begun(3);
        metrics.Begun(1);
        metrics.Decided([RedemptionVerdict.Accepted, RedemptionVerdict.Spent, RedemptionVerdict.Accepted], TimeSpan.FromSeconds(2));
        metrics.Called(answered: true);
        listener.RecordObservableInstruments();
        metrics.GivenUp(1, TimeSpan.FromSeconds(5));

        Assert.Equal(
            [
                "veil.gateway.redemption.duration 2",
                "veil.gateway.redemption.tokens 1 verdict=Accepted",
                "veil.gateway.redemption.tokens 1 verdict=Spent",
                "veil.gateway.redemption.tokens 1 verdict=Accepted",
                "veil.gateway.redemption.calls 1 answered=True",
                "veil.gateway.redemption.waiting 1",
                "veil.gateway.redemption.duration 5",
                "veil.gateway.redemption.tokens 1 verdict=Unavailable",
            ],
            told);
    }

    private static string Line(Instrument instrument, object value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string line = FormattableString.Invariant($"{instrument.Name} {value}");
        foreach ((string name, object? tag) in tags)
        {
            line += FormattableString.Invariant($" {name}={tag}");
        }

        return line;
    }
}

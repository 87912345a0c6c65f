namespace Veil.Relay.Limits;

/// <summary>Registers the bounds on what strangers can hold.</summary>
internal static class LimitsRegistration
{
    public static IServiceCollection AddLimits(this IServiceCollection services) =>
        services.AddSingleton<AddressBudget>().AddSingleton<RelayRoom>();
}

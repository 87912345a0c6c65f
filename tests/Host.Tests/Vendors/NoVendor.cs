using Microsoft.Extensions.Logging.Abstractions;
using Veil.HostAgent.Vendors;

namespace Veil.Host.Tests.Vendors;

/// <summary>An operator who fetches nothing.</summary>
internal static class NoVendor
{
    public static VendorCollateral Collateral { get; } = new(new(), new(new(), TimeProvider.System, NullLogger.Instance, CancellationToken.None));
}

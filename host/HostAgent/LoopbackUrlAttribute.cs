using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Veil.HostAgent;

/// <summary>A plain HTTP URL of a loopback address and a port, without a path.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LoopbackUrlAttribute : ValidationAttribute
{
    /// <summary>The check with its text of what is allowed.</summary>
    public LoopbackUrlAttribute() => ErrorMessage = "a URL such as http://127.0.0.1:8000: plain HTTP, a loopback address, no path";

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null
        || (value is Uri { IsAbsoluteUri: true, PathAndQuery: "/", Fragment: "", UserInfo: "" } url
            && url.Scheme == Uri.UriSchemeHttp
            && IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address)
            && IPAddress.IsLoopback(address));
}

using System.Diagnostics.CodeAnalysis;
using Veil.Gateway.Inner;
using Veil.Gateway.Redemption;

namespace Veil.Gateway.Services;

/// <summary>The proof that a request may reach a host: it was paid for, or it is a GET without content to a service that is open.</summary>
internal sealed class Admission
{
    private Admission(int units) => Units = units;

    /// <summary>How many units of the service's work it may take; one where nothing is paid.</summary>
    public int Units { get; }

    /// <summary>The request was paid for.</summary>
    public static Admission Paid(RedeemedTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return new(tokens.Units);
    }

    /// <summary>Without a token only what has no effect and costs little passes (RFC 9110 section 9.2.1).</summary>
    public static bool TryFree(InnerRequest request, [NotNullWhen(true)] out Admission? admission)
    {
        admission = request.Head.Method is "GET" && request.Content.Length is 0 ? new(units: 1) : null;
        return admission is not null;
    }
}

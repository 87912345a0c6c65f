namespace Veil.ClientSdk;

/// <summary>What a caller may ask for a single request: <c>request.Options.Set(VeilRequestOptions.Units, 4)</c>.</summary>
public static class VeilRequestOptions
{
    /// <summary>
    /// Units of the service's work to pay for, where the answer is expected to be larger or to take longer than one unit allows: 1 (default), 2, 4, 8, 16 or 32,
    /// as far as the service takes so many (<see cref="Attestation.ServicePrice"/>). A few steps and not any number, so that the number does not tell requests of one
    /// program together. Content of known length is paid for by itself: the larger of the two counts.
    /// </summary>
    public static readonly HttpRequestOptionsKey<int> Units = new("Veil.Units");

    /// <summary>True for a number of units that may be asked for.</summary>
    internal static bool IsStep(int units) => units is > 0 and <= Attestation.ServicePrice.TokensLimit && int.IsPow2(units);
}

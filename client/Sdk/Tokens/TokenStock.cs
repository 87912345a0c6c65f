using System.Globalization;

namespace Veil.ClientSdk;

/// <summary>Tokens of one type in the wallet that the present view can spend.</summary>
/// <param name="Type">token_type.</param>
/// <param name="Name">The registry's name of the type.</param>
/// <param name="Count">How many there are.</param>
/// <param name="IsDrawn">True for the type that tokens are drawn of now; others are accepted until their keys retire.</param>
public sealed record TokenStock(int Type, string Name, int Count, bool IsDrawn)
{
    /// <summary>For people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} of type {Type} ({Name}){(IsDrawn ? "" : ", no longer drawn")}");
}

namespace Veil.SoftwareTee.Forgeries;

/// <summary>Every forgery that there is, by kind of machine.</summary>
internal static class ForgeryList
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Forgery> All { get; } = [.. SnpForgeries.All, .. TdxForgeries.All, .. RecordForgeries.All];

    /// <summary>The one of a name on a kind of machine; null where there is none.</summary>
    public static Forgery? Find(string kind, string name) => All.SingleOrDefault(forgery => forgery.Name == name && forgery.Kinds.Contains(kind));
}

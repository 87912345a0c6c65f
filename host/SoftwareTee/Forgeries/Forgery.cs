namespace Veil.SoftwareTee.Forgeries;

/// <summary>An attack on verifiers of evidence that this program can make, so that whoever runs a verifier can see it refused.</summary>
/// <param name="Item">Its item in the list of attacks (<c>ops/docs/attack-list.md</c>).</param>
/// <param name="Name">What it is asked for by.</param>
/// <param name="RefusedBy">The check that stands against it.</param>
/// <param name="Tells">What is wrong, in one line.</param>
internal abstract record Forgery(string Item, string Name, string RefusedBy, string Tells)
{
    /// <summary>The kinds of machine that it is made on.</summary>
    public abstract IReadOnlyList<string> Kinds { get; }
}

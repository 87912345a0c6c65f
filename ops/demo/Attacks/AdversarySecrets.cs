using Veil.Transparency;

namespace Veil.DevStack.Attacks;

/// <summary>The secrets of an operator who is dishonest, and of witnesses who cosign whatever continues what they have seen.</summary>
/// <param name="Log">The log's key.</param>
/// <param name="Authority">The key of epoch heads.</param>
/// <param name="Witnesses">The witnesses' keys.</param>
/// <param name="ReleaseSigners">The release signers' keys: for the attack in which even they sign.</param>
internal sealed record AdversarySecrets(NoteSigner Log, NoteSigner Authority, IReadOnlyList<NoteSigner> Witnesses, IReadOnlyList<NoteSigner> ReleaseSigners) : IDisposable
{
    /// <summary>Takes them from the files of a deployment.</summary>
    public static AdversarySecrets Read(Deployment deployment) => new(
        Key(Path.Combine(deployment.Folder, "log", "log.key")),
        Key(Path.Combine(deployment.OperatorFolder, "authority.key")),
        [Key(Path.Combine(deployment.Folder, "witness-1", "witness.key")), Key(Path.Combine(deployment.Folder, "witness-2", "witness.key"))],
        [Key(Path.Combine(deployment.OperatorFolder, "alice.key")), Key(Path.Combine(deployment.OperatorFolder, "bob.key"))]);

    public void Dispose()
    {
        foreach (NoteSigner signer in ReleaseSigners.Concat(Witnesses).Append(Log).Append(Authority))
            signer.Dispose();
    }

    private static NoteSigner Key(string file) => NoteSigner.TryParse(File.ReadAllText(file).Trim(), out NoteSigner? signer) ? signer : throw new DevStackException($"{file} holds no key.");
}

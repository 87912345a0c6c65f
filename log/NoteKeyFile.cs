using Veil.ServiceDefaults;
using Veil.Transparency;

namespace Veil.TransparencyLog;

/// <summary>A signing key in a file that only its user reads (mode 0600), as <c>veil-log key</c> writes it.</summary>
internal static class NoteKeyFile
{
    /// <summary>The key.</summary>
    /// <exception cref="StartupException">The file cannot be read, or holds no key of the type.</exception>
    public static NoteSigner Read(string path, NoteKeyType type)
    {
        string text;
        try
        {
            text = File.ReadAllText(path).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path}: cannot be read ({failure.GetType().Name})");
        }

        if (!NoteSigner.TryParse(text, out NoteSigner? signer))
            throw new StartupException($"{path}: holds no signing key; \"veil-log key\" makes one");
        if (signer.VerifierKey.Type == type)
            return signer;
        signer.Dispose();
        throw new StartupException($"{path}: holds a key of type {(int)signer.VerifierKey.Type}, and type {(int)type} ({type}) is needed");
    }

    /// <summary>Writes a new file; one that is there already is never overwritten.</summary>
    /// <exception cref="IOException">It is there already, or cannot be written.</exception>
    public static void Write(string path, NoteSigner signer) => NewFile.Write(path, $"{signer.Export()}\n", isPrivate: true);
}

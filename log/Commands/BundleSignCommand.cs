using System.CommandLine;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Commands;

/// <summary><c>veil-log bundle sign</c>: the authority's key and enough release signers let a new trust bundle follow the one that clients have.</summary>
internal static class BundleSignCommand
{
    public static Command Create()
    {
        var bundle = new Argument<FileInfo>("bundle") { Description = "The new bundle, as \"veil-log bundle\" wrote it: serial above that of the one before." };
        var key = new Option<FileInfo>("--key") { Description = "The signer's key file: the authority's, or a release signer's of the bundle before.", Required = true };
        var note = new Option<FileInfo>("--note") { Description = "The signatures: made by the first signer, then each further one adds a line. It goes to clients with the bundle.", Required = true };
        var command = new Command("sign", "Sign a bundle that is to follow the one that clients have, or add a signature.") { bundle, key, note };
        command.SetAction(parsed =>
        {
            FileInfo file = parsed.GetValue(bundle)!;
            if (CommandOutput.ReadBundle(file) is not { } next || CommandOutput.ReadSigner(parsed.GetValue(key)!) is not { } signer)
                return 1;
            using (signer)
            {
                try
                {
                    return Sign(next, BundleSuccession.NoteText(File.ReadAllBytes(file.FullName)), signer, parsed.GetValue(note)!.FullName);
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    return CommandOutput.Fail($"{parsed.GetValue(note)}: {failure.Message}");
                }
            }
        });
        return command;
    }

    private static int Sign(TrustBundle bundle, byte[] text, NoteSigner signer, string path)
    {
        // What is signed is told: a signer looks before the note leaves the machine.
        Console.Error.WriteLine(
            $"{bundle.Authority}, serial {bundle.Serial}: {bundle.WitnessThreshold} of {bundle.Witnesses.Count} witnesses, {bundle.ReleaseThreshold} of {bundle.ReleaseSigners.Count} release signers, authority key {bundle.AuthorityKey}");
        if (!File.Exists(path))
        {
            File.WriteAllBytes(path, signer.Sign(text));
            return 0;
        }

        byte[] note = File.ReadAllBytes(path);
        if (!note.AsSpan().StartsWith(text) || note.Length <= text.Length || note[text.Length] != (byte)'\n')
            return CommandOutput.Fail($"{path}: holds signatures over another bundle; name another file.");
        if (SignedNote.TryOpen(note, [signer.VerifierKey], out _))
            return CommandOutput.Fail($"{path}: {signer.VerifierKey.Name} has signed it already.");
        File.WriteAllBytes(path, [.. note, .. signer.SignatureLine(text)]);
        return 0;
    }
}

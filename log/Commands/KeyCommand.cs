using System.CommandLine;
using System.Text.Json;
using Veil.Transparency;

namespace Veil.TransparencyLog.Commands;

/// <summary><c>veil-log key NAME --out FILE [--cosignature]</c>: makes a signing key and prints what verifies it.</summary>
internal static class KeyCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Whose key it is: the log's origin, the authority, a release signer, a witness." };
        var file = new Option<FileInfo>("--out") { Description = "New file for the secret half (mode 0600); never overwritten.", Required = true };
        var witness = new Option<bool>("--cosignature") { Description = "A witness's key." };
        var json = new Option<bool>("--json") { Description = "One line of JSON." };
        var command = new Command("key", "Make a signing key: for a log, an authority, a release signer, or with --cosignature for a witness.") { name, file, witness, json };
        command.SetAction(parsed =>
        {
            string owner = parsed.GetValue(name)!;
            if (!NoteVerifierKey.IsName(owner))
                return CommandOutput.Fail($"\"{owner}\" names no key: no white space and no '+'.");
            using NoteSigner signer = NoteSigner.Generate(owner, parsed.GetValue(witness) ? NoteKeyType.Cosignature : NoteKeyType.Ed25519);
            try
            {
                NoteKeyFile.Write(parsed.GetValue(file)!.FullName, signer);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return CommandOutput.Fail($"{parsed.GetValue(file)}: {failure.Message}");
            }

            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(new { verifier_key = signer.VerifierKey.ToString() }, CommandOutput.Json) : signer.VerifierKey.ToString());
            return 0;
        });
        return command;
    }
}

using System.CommandLine;
using System.Text.Json;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Commands;

/// <summary><c>veil-log release sign|verify</c>: releases are signed by m of n, each signer on a machine of their own.</summary>
internal static class ReleaseCommand
{
    public static Command Create() => new("release", "Sign a release, and see who has signed it.") { Sign(), Verify() };

    private static Command Sign()
    {
        var file = new Argument<FileInfo>("file") { Description = "The release: made by the first signer from the options below, then each further signer adds a line." };
        var key = new Option<FileInfo>("--key") { Description = "The signer's key file.", Required = true };
        var name = new Option<string?>("--name") { Description = "What and which version. For a new release." };
        var service = new Option<string?>("--service") { Description = "The authority that it serves. For a new release." };
        var kind = new Option<string>("--kind") { Description = "The kind of evidence, as appraisal policies name it.", DefaultValueFactory = _ => "sev-snp" };
        var measurements = new Option<string[]>("--measurement") { Description = "NAME=HEX, or HEX alone for \"measurement\"; repeated. For a new release." };
        var command = new Command("sign", "Sign a release, or add a signature to one.") { file, key, name, service, kind, measurements };
        command.SetAction(parsed =>
        {
            if (CommandOutput.ReadSigner(parsed.GetValue(key)!) is not { } signer)
                return 1;
            using (signer)
            {
                string path = parsed.GetValue(file)!.FullName;
                try
                {
                    if (File.Exists(path))
                        return AddSignature(path, signer);
                    if (parsed.GetValue(name) is not { } named || parsed.GetValue(service) is not { } served || parsed.GetValue(measurements) is not { Length: > 0 } measured)
                        return CommandOutput.Fail($"{path} is not there; a new release needs --name, --service and --measurement.");
                    var release = new Release(named, served, parsed.GetValue(kind)!, measured.Select(Measurement).ToDictionary(StringComparer.Ordinal));
                    if (!Release.TryParse(release.Write(), out _))
                        return CommandOutput.Fail("a measurement is empty or too long.");
                    File.WriteAllBytes(path, signer.Sign(release.NoteText()));
                    return 0;
                }
                catch (FormatException)
                {
                    return CommandOutput.Fail("a measurement is NAME=HEX, or HEX.");
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    return CommandOutput.Fail($"{path}: {failure.Message}");
                }
            }
        });
        return command;
    }

    private static Command Verify()
    {
        var file = new Argument<FileInfo>("file") { Description = "A signed release." };
        var trust = new Option<FileInfo>("--trust") { Description = "The trust bundle that names the signers.", Required = true };
        var json = new Option<bool>("--json") { Description = "One line of JSON." };
        var command = new Command("verify", "Say whether enough release signers signed.") { file, trust, json };
        command.SetAction(parsed =>
        {
            if (CommandOutput.ReadBundle(parsed.GetValue(trust)!) is not { } bundle)
                return 1;
            byte[] note = File.Exists(parsed.GetValue(file)!.FullName) ? File.ReadAllBytes(parsed.GetValue(file)!.FullName) : [];
            bool valid = Release.TryOpen(note, bundle.ReleaseSigners, bundle.ReleaseThreshold, out Release? release);
            string[] signers = SignedNote.TryOpen(note, bundle.ReleaseSigners, out SignedNote? opened) ? [.. opened.Signatures.Select(signature => signature.Key.Name)] : [];
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { valid, name = release?.Name, service = release?.Service, signers, needed = bundle.ReleaseThreshold }, CommandOutput.Json)
                : $"{(valid ? $"valid: {release!.Name} for {release.Service}" : "NOT VALID")}, signed by {(signers.Length > 0 ? string.Join(", ", signers) : "nobody who is known")}; {bundle.ReleaseThreshold} needed");
            return valid ? 0 : 1;
        });
        return command;
    }

    private static int AddSignature(string path, NoteSigner signer)
    {
        byte[] note = File.ReadAllBytes(path);
        int cut = note.AsSpan().LastIndexOf("\n\n"u8);
        if (cut < 0 || !Release.TryParse(note.AsSpan(0, cut), out Release? release))
            return CommandOutput.Fail($"{path}: not a release.");
        if (SignedNote.TryOpen(note, [signer.VerifierKey], out _))
            return CommandOutput.Fail($"{path}: {signer.VerifierKey.Name} has signed it already.");
        Console.Error.WriteLine($"{release.Name} for {release.Service}: {string.Join(", ", release.Measurements.Select(pair => $"{pair.Key} {Convert.ToHexStringLower(pair.Value.Span)}"))}");
        File.WriteAllBytes(path, [.. note, .. signer.SignatureLine(release.NoteText())]);
        return 0;
    }

    private static KeyValuePair<string, ReadOnlyMemory<byte>> Measurement(string text) => text.Split('=', 2) is [{ } name, { } hex]
        ? new(name, Convert.FromHexString(hex))
        : new("measurement", Convert.FromHexString(text));
}

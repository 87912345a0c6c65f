using System.CommandLine;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Commands;

/// <summary><c>veil-log bundle</c>: writes the trust bundle that clients begin with, or that is to follow the one they have.</summary>
internal static class BundleCommand
{
    public static Command Create()
    {
        var authority = new Option<string>("--authority") { Description = "The gateway's authority: host, and port where it is not 443.", Required = true };
        var origin = new Option<string?>("--origin") { Description = "The log's name. Default: AUTHORITY/veil." };
        var logKey = new Option<string>("--log-key") { Description = "The log's verifier key.", Required = true };
        var authorityKey = new Option<string>("--authority-key") { Description = "The verifier key of epoch heads.", Required = true };
        var witnesses = new Option<string[]>("--witness") { Description = "A witness's verifier key; repeated.", Required = true };
        var threshold = new Option<int>("--witness-threshold") { Description = "How many must have cosigned.", DefaultValueFactory = _ => 1 };
        var signers = new Option<string[]>("--release-signer") { Description = "A release signer's verifier key; repeated.", Required = true };
        var releaseThreshold = new Option<int>("--release-threshold") { Description = "How many must have signed a release.", DefaultValueFactory = _ => 1 };
        var genesis = new Option<long>("--genesis") { Description = "The first second of epoch 0, POSIX.", Required = true };
        var epoch = new Option<int>("--epoch-seconds") { Description = "How long an epoch lasts.", DefaultValueFactory = _ => 3600 };
        var maturity = new Option<int>("--release-maturity-seconds") { Description = "How long a release must have been public.", DefaultValueFactory = _ => 86400 };
        var serial = new Option<long>("--serial") { Description = "Counts up with each bundle of the authority.", DefaultValueFactory = _ => 1L };
        var output = new Option<FileInfo>("--out") { Description = "Where to write it.", Required = true };
        var command = new Command("bundle", "Write the trust bundle that clients of an authority begin with.")
        {
            authority, origin, logKey, authorityKey, witnesses, threshold, signers, releaseThreshold, genesis, epoch, maturity, serial, output, BundleSignCommand.Create(),
        };
        command.SetAction(parsed =>
        {
            string?[] texts = [parsed.GetValue(logKey), parsed.GetValue(authorityKey), .. parsed.GetValue(witnesses)!, .. parsed.GetValue(signers)!];
            var keys = new List<NoteVerifierKey>();
            foreach (string? text in texts)
            {
                if (!NoteVerifierKey.TryParse(text!, out NoteVerifierKey? key))
                    return CommandOutput.Fail($"\"{text}\" is no verifier key; \"veil-log key\" prints one.");
                keys.Add(key);
            }

            int witnessCount = parsed.GetValue(witnesses)!.Length;
            byte[] bundle = new TrustBundle
            {
                Serial = parsed.GetValue(serial),
                Authority = parsed.GetValue(authority)!,
                Epochs = new(DateTimeOffset.FromUnixTimeSeconds(parsed.GetValue(genesis)), TimeSpan.FromSeconds(parsed.GetValue(epoch))),
                Origin = parsed.GetValue(origin) ?? $"{parsed.GetValue(authority)}/veil",
                LogKey = keys[0],
                AuthorityKey = keys[1],
                Witnesses = keys[2..(2 + witnessCount)],
                WitnessThreshold = parsed.GetValue(threshold),
                ReleaseSigners = keys[(2 + witnessCount)..],
                ReleaseThreshold = parsed.GetValue(releaseThreshold),
                ReleaseMaturity = TimeSpan.FromSeconds(parsed.GetValue(maturity)),
            }.Write();

            // What clients would refuse is refused here.
            if (!TrustBundle.TryParse(bundle, out _, out string problem))
                return CommandOutput.Fail($"{problem}.");
            try
            {
                File.WriteAllBytes(parsed.GetValue(output)!.FullName, bundle);
                return 0;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return CommandOutput.Fail($"{parsed.GetValue(output)}: {failure.Message}");
            }
        });
        return command;
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.Attestation.Snp;

namespace Veil.ClientCli.Evidence;

/// <summary><c>veil evidence explain</c> and <c>veil evidence record</c>.</summary>
internal static class EvidenceCommand
{
    public static Command Create() => new("evidence", "Judge what a machine says of itself.") { CreateExplain(), CreateRecord() };

    private static Command CreateExplain()
    {
        var file = File();
        var policy = Policy();
        var at = EvidenceArguments.At();
        var endorsements = EvidenceArguments.Endorsements();
        var reportData = ReportData();
        var nonce = Nonce();
        var collateral = Collateral();
        var json = EvidenceArguments.Json();
        var command = new Command("explain", """
            Judge evidence and say why: every check with the value found, the value wanted, where it was found and, after a failure, the nearest accepted value.

            Exit codes: 0 passed (gaps are named), 1 refused, 2 wrong usage or a file that cannot be read.
            """)
        {
            file, policy, at, endorsements, collateral, reportData, nonce, json,
        };
        command.SetAction((parse, _) => EvidenceArguments.RunAsync(async () =>
        {
            AppraisalPolicy? wanted = EvidenceArguments.ReadPolicy(parse.GetValue(policy));
            var evidence = EvidenceFile.Open(parse.GetValue(file)!, parse.GetValue(endorsements) ?? [], parse.GetValue(collateral));
            DateTimeOffset now = parse.GetValue(at) ?? TimeProvider.System.GetUtcNow();
            Verdict verdict = evidence.Appraise(wanted, parse.GetValue(reportData), parse.GetValue(nonce), now);
            string text = parse.GetValue(json) ? VerdictJson.Write(verdict, now).ToJsonString() : VerdictText.Write(verdict);
            await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
            return verdict.Passed ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Command CreateRecord()
    {
        var file = File();
        var policy = Policy();
        var at = EvidenceArguments.At();
        var endorsements = EvidenceArguments.Endorsements();
        var collateral = Collateral();
        var nonce = Nonce();
        var whole = new Option<bool>("--whole") { Description = "Keep the bytes as they are, with what names the machine." };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write it; default standard output." };
        var command = new Command("record", """
            Write a bundle for support: the parts of the evidence and the verdict over them, as JSON. It holds no secret, and what names a machine is replaced by a
            short hash of it or left out, so that signatures over such a part do not verify in the bundle. --whole keeps it.
            """)
        {
            file, policy, at, endorsements, collateral, nonce, output, whole,
        };
        command.SetAction((parse, _) => EvidenceArguments.RunAsync(async () =>
        {
            AppraisalPolicy? wanted = EvidenceArguments.ReadPolicy(parse.GetValue(policy));
            var evidence = EvidenceFile.Open(parse.GetValue(file)!, parse.GetValue(endorsements) ?? [], parse.GetValue(collateral));
            DateTimeOffset now = parse.GetValue(at) ?? TimeProvider.System.GetUtcNow();
            string bundle = SupportBundle.Write(evidence, evidence.Appraise(wanted, reportData: null, parse.GetValue(nonce), now), now, parse.GetValue(whole));
            if (parse.GetValue(output) is { } path)
            {
                await System.IO.File.WriteAllTextAsync(path, bundle + "\n").ConfigureAwait(false);
            }
            else
            {
                await Console.Out.WriteLineAsync(bundle).ConfigureAwait(false);
            }

            return ExitCode.Done;
        }));
        return command;
    }

    private static Argument<string> File() => new("file")
    {
        Description = "A host record, an RA-TLS certificate (PEM or DER), a SEV-SNP report, a TDX quote, an NVIDIA GPU report, or a folder that holds one.",
    };

    private static Option<string?> Policy() => new("--policy")
    {
        Description = "What is accepted, as JSON. Without it the hardware alone is judged: what software it runs stays a named gap.",
    };

    private static Option<string?> Collateral() => new("--collateral")
    {
        Description = "Folder of Intel's collateral for a bare TDX quote: tcb_info.json, qe_identity.json, tcb_info_issuer_chain.pem, pck_crl.der, root_ca_crl.der.",
    };

    private static Option<ReadOnlyMemory<byte>?> ReportData() => new("--report-data")
    {
        Description = "What a bare report has to be over, 128 hexadecimal digits; for a GPU the nonce that it was asked with, 64.",
        CustomParser = ParseReportData,
    };

    private static Option<ReadOnlyMemory<byte>> Nonce() => new("--nonce")
    {
        Description = $"What the host was asked with, for a policy whose freshness is nonce: {2 * HostClaims.MinNonceSize} to {2 * HostClaims.MaxNonceSize} hexadecimal digits.",
        CustomParser = ParseNonce,
    };

    private static ReadOnlyMemory<byte> ParseNonce(ArgumentResult result)
    {
        string digits = result.Tokens.Single().Value;
        if (digits.Length is >= 2 * HostClaims.MinNonceSize and <= 2 * HostClaims.MaxNonceSize && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(digits);
        }

        result.AddError($"--nonce: found {digits.Length} characters; {2 * HostClaims.MinNonceSize} to {2 * HostClaims.MaxNonceSize} hexadecimal digits are wanted, two for each byte.");
        return default;
    }

    private static ReadOnlyMemory<byte>? ParseReportData(ArgumentResult result)
    {
        string digits = result.Tokens.Single().Value;
        if (digits.Length is 2 * SnpReport.ReportDataSize or 2 * GpuReport.NonceSize && digits.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(digits);
        }

        result.AddError($"--report-data: found {digits.Length} characters; {2 * SnpReport.ReportDataSize} hexadecimal digits are wanted, or {2 * GpuReport.NonceSize} for a GPU.");
        return null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.Gateway.Hosts;

/// <summary>What the hosts of one service must be: for this gateway with the software that it accepts, and for clients without, who take the software from releases.</summary>
/// <param name="Own">What this gateway appraises by.</param>
/// <param name="Published">The JSON of an appraisal policy that names no software.</param>
internal sealed record HostPolicy(AppraisalPolicy Own, ReadOnlyMemory<byte> Published)
{
    /// <summary>What names the software, by kind of evidence.</summary>
    private static readonly (string Kind, string Member)[] Software = [("sev-snp", "measurements"), ("sev-snp", "signers"), ("tdx", "images")];

    /// <summary>Reads the file of an appraisal policy.</summary>
    /// <param name="path">The file.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="problems">One line for each thing that is wrong with it.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out HostPolicy? policy, out IReadOnlyList<string> problems)
    {
        policy = null;
        byte[] json;
        try
        {
            json = ReadFile(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // The last two are how the platform refuses a path that is empty or none.
            problems = [path.Length is 0 ? "no path" : $"cannot be read ({failure.GetType().Name})"];
            return false;
        }

        if (!AppraisalPolicy.TryParse(json, out AppraisalPolicy? own, out problems))
            return false;
        if (own.Freshness is Freshness.Nonce)
        {
            problems = ["freshness: a gateway sends hosts no nonce; epoch or boot is wanted."];
            return false;
        }

        policy = new(own, WithoutSoftware(json));
        return AppraisalPolicy.TryParse(policy.Published, references: [], out _, out problems);
    }

    /// <summary>One byte more than a policy may have is enough for its parser to refuse it, whatever the file is.</summary>
    private static byte[] ReadFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] json = new byte[AppraisalPolicy.MaxSize + 1];
        return json[..file.ReadAtLeast(json, json.Length, throwOnEndOfStream: false)];
    }

    private static byte[] WithoutSoftware(byte[] json)
    {
        JsonNode policy = JsonNode.Parse(json)!;
        foreach ((string kind, string member) in Software)
            policy["kinds"]?[kind]?.AsObject().Remove(member);
        return JsonSerializer.SerializeToUtf8Bytes(policy);
    }
}

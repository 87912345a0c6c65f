using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Veil.Transparency.Epochs;

/// <summary>
/// The rule by which one trust bundle follows another: a note of the old bundle's authority key and of as many of the old bundle's release signers as a release needs, over
/// <c>veil-bundle/v1 BASE64(SHA-256(file))</c> and a line end. Neither the operator nor the signers can change what clients trust alone.
/// </summary>
public static class BundleSuccession
{
    private const string Label = "veil-bundle/v1";

    /// <summary>What is signed for a bundle: of the exact bytes of its file.</summary>
    public static byte[] NoteText(ReadOnlySpan<byte> bundle) => Encoding.ASCII.GetBytes($"{Label} {Convert.ToBase64String(SHA256.HashData(bundle))}\n");

    /// <summary>Takes a bundle in the place of another.</summary>
    /// <param name="current">The bundle that is trusted.</param>
    /// <param name="source">Untrusted: the file of the one that is to follow.</param>
    /// <param name="note">Untrusted: the signatures over it.</param>
    /// <param name="next">The bundle that is trusted from now on.</param>
    /// <param name="problem">Why there is none, in one line; empty where there is one.</param>
    public static bool TryFollow(TrustBundle current, ReadOnlyMemory<byte> source, ReadOnlySpan<byte> note, [NotNullWhen(true)] out TrustBundle? next, out string problem)
    {
        ArgumentNullException.ThrowIfNull(current);
        if (TrustBundle.TryParse(source, out next, out problem))
        {
            problem = Break(current, next) ?? Missing(current, source.Span, note) ?? "";
        }

        next = problem.Length is 0 ? next : null;
        return next is not null;
    }

    /// <summary>What would make it the bundle of something else: epochs that are counted otherwise, or another log, are another authority.</summary>
    private static string? Break(TrustBundle current, TrustBundle next) =>
        next.Authority != current.Authority ? $"it is of {next.Authority}, and the trusted one of {current.Authority}"
        : next.Serial <= current.Serial ? $"its serial is {next.Serial}, and the trusted one has {current.Serial}: a bundle that follows has a higher one"
        : next.Origin != current.Origin ? $"its log is {next.Origin}, and the trusted one is {current.Origin}: another log needs another authority"
        : next.Epochs.Genesis != current.Epochs.Genesis || next.Epochs.Length != current.Epochs.Length ? "its epochs are counted from another time, or are of another length"
        : null;

    private static string? Missing(TrustBundle current, ReadOnlySpan<byte> source, ReadOnlySpan<byte> note)
    {
        if (!SignedNote.TryOpen(note, [current.AuthorityKey, .. current.ReleaseSigners], out SignedNote? opened) || !opened.Text.Span.SequenceEqual(NoteText(source)))
        {
            return "the note is not one of the trusted bundle's keys over this file";
        }

        HashSet<NoteVerifierKey> signers = [.. opened.Signatures.Select(signature => signature.Key)];
        int releaseSigners = current.ReleaseSigners.Count(signers.Contains);
        return !signers.Contains(current.AuthorityKey) ? "the authority's key has not signed it"
            : releaseSigners < current.ReleaseThreshold ? $"{releaseSigners} release signers have signed it, and {current.ReleaseThreshold} are needed"
            : null;
    }
}

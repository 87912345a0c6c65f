using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Veil.Attestation;

namespace Veil.HostAgent.Vendors;

/// <summary>Answers on the disk, one file each, named by the hash of the question's address. A file that cannot be read is as good as none.</summary>
/// <param name="folder">Made with the first file; null keeps nothing.</param>
internal sealed class VendorCacheFolder(string? folder)
{
    /// <summary>Longest file in bytes: the longest answer in base64, and its address.</summary>
    private const int MaxFileSize = 2 * VendorDocuments.MaxAnswerSize;

    /// <summary>The answer that was kept, or null.</summary>
    public VendorAnswer? Read(VendorRequest request)
    {
        if (folder is null)
            return null;
        try
        {
            var file = new FileInfo(FileOf(request));
            if (!file.Exists || file.Length > MaxFileSize)
                return null;
            Kept? kept = JsonSerializer.Deserialize<Kept>(File.ReadAllBytes(file.FullName));
            Endorsement[] endorsements = [.. kept?.Endorsements?.Select(part => new Endorsement(part?.MediaType ?? "", part?.Bytes)) ?? []];
            bool whole = kept?.Url == request.Url.AbsoluteUri && endorsements.Length > 0 && endorsements[0].MediaType == request.MediaType
                && Array.TrueForAll(endorsements, part => part.IsWellFormed()) && request.IsAnswer?.Invoke(endorsements) is not false;
            return whole ? new(kept!.FetchedAt, endorsements) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps an answer in place of an older one, whole or not at all.</summary>
    /// <returns>False where the folder takes no file.</returns>
    public bool TryWrite(VendorRequest request, VendorAnswer answer)
    {
        if (folder is null)
            return true;
        try
        {
            Directory.CreateDirectory(folder);
            string file = FileOf(request);
            string partial = $"{file}.{Guid.NewGuid():n}.partial";
            var kept = new Kept(request.Url.AbsoluteUri, answer.FetchedAt, [.. answer.Endorsements.Select(endorsement => new Part(endorsement.MediaType, endorsement.Bytes.ToArray()))]);
            File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(kept));
            File.Move(partial, file, overwrite: true);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string FileOf(VendorRequest request) =>
        Path.Combine(folder!, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Url.AbsoluteUri)))}.json");

    private sealed record Kept(string Url, DateTimeOffset FetchedAt, IReadOnlyList<Part?>? Endorsements);

    private sealed record Part(string MediaType, byte[] Bytes);
}

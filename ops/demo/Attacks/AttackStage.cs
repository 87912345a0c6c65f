using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.DevStack.Attacks;

/// <summary>The deployment that is lied about, and the adversary that lies.</summary>
internal sealed class AttackStage(Deployment deployment, Adversary adversary)
{
    /// <summary>The adversary.</summary>
    public Adversary Adversary => adversary;

    /// <summary>The real log's entries.</summary>
    public IReadOnlyList<byte[]> Entries { get; private set; } = [];

    /// <summary>The real hosts' records.</summary>
    public IReadOnlyList<byte[]> Hosts { get; private set; } = [];

    /// <summary>Reads what is public, and the operator's documents.</summary>
    public void Read()
    {
        string log = Path.Combine(deployment.Folder, "log", "entries", "public");
        string size = File.ReadAllLines(Path.Combine(log, "checkpoint"))[1];
        int width = int.Parse(size, System.Globalization.CultureInfo.InvariantCulture);
        Entries = EntryBundle.TryParse(File.ReadAllBytes(Path.Combine(log, TilePath.OfEntries(0, width).ToString())), width, out IReadOnlyList<ReadOnlyMemory<byte>>? entries)
            ? [.. entries.Select(entry => entry.ToArray())]
            : throw new DevStackException("The log's entries are malformed.");
        string documents = Path.Combine(deployment.Folder, "gateway", "documents");
        byte[][] all = [.. Directory.EnumerateFiles(documents).Where(file => Path.GetFileName(file).Length is 64).Select(File.ReadAllBytes)];
        adversary.Begin(Entries, all);
        string fleet = Path.Combine(documents, $"fleet-{Convert.ToHexStringLower(adversary.Head(width - 1).FleetRoot.Span)}");
        Hosts = [.. File.ReadAllBytes(fleet).Chunk(32).Select(hash => File.ReadAllBytes(Path.Combine(documents, Convert.ToHexStringLower(hash))))];
        Documents = all;
    }

    /// <summary>The documents that the real heads name.</summary>
    public IReadOnlyList<byte[]> Documents { get; private set; } = [];

    /// <summary>The last real head.</summary>
    public EpochHead Last => adversary.Head(Entries.Count - 1);

    /// <summary>The keys document of the last real head.</summary>
    public byte[] RealKeys => Documents.First(document => System.Security.Cryptography.SHA256.HashData(document).AsSpan().SequenceEqual(Last.Keys.Span));

    /// <summary>
    /// A history of the adversary's own from the genesis on, under its OHTTP key, shown to everyone alike: with it, it answers for the gateway. Only what hosts are and run
    /// can give it away.
    /// </summary>
    /// <param name="fleet">The hosts of every head.</param>
    /// <param name="releases">The releases document of a head; null for the real one.</param>
    public void OwnHistory(IReadOnlyList<byte[]> fleet, Func<long, byte[]?>? releases = null)
    {
        EpochHead last = Last;
        adversary.Begin([], Documents);
        byte[] keys = adversary.Keep(adversary.OwnKeys);
        for (long epoch = 0; epoch <= adversary.Now; epoch++)
            adversary.Append(last with { Epoch = epoch, Keys = keys, Releases = releases?.Invoke(epoch) ?? last.Releases }, fleet);
        adversary.Show(adversary.OwnKeys);
    }

    /// <summary>A host record that the software TEE makes now.</summary>
    public async Task<byte[]> MakeRecordAsync(params string[] options)
    {
        string file = Path.Combine(deployment.OperatorFolder, $"{Guid.NewGuid():n}.record");
        await deployment.RunSoftwareTeeAsync(["record", Path.Combine(deployment.Folder, "tee-root"), "--service", deployment.ServiceUrl.Host, "--out", file, "--new-log", .. options]);
        return await File.ReadAllBytesAsync(file);
    }

    /// <summary>Lets a client see the real log, as one that has been used before has.</summary>
    public Task SeeTheRealLogAsync() => deployment.SeeLogAsync(SeenLogFile);

    /// <summary>What the client of this attack remembers of the log.</summary>
    public string SeenLogFile { get; } = Path.Combine(deployment.Folder, "client", $"{Guid.NewGuid():n}.seen");
}

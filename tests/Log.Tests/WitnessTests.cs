using System.Globalization;
using System.Net;
using System.Text;
using Veil.Proofs.TransparencyLog;
using Veil.Transparency;

namespace Veil.Log.Tests;

/// <summary>C2SP tlog-witness: every status, and what a witness never does.</summary>
public sealed class WitnessTests
{
    [Fact]
    public async Task A_checkpoint_that_continues_is_cosigned_with_the_time_and_remembered_over_a_kill()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        using NoteSigner key = rig.ReadLogKey();
        await rig.StartWitnessAsync(0);
        (HttpStatusCode status, string body, _) = await rig.AddCheckpointAsync(0, Request(key, 0, 3));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(rig.Policy.TryVerify([.. Note(key, 3), .. Encoding.UTF8.GetBytes(body)], out WitnessedCheckpoint? witnessed));
        Assert.True((DateTimeOffset.UtcNow - witnessed.WitnessedAt).Duration() < TimeSpan.FromMinutes(5));

        await rig.KillWitnessAsync(0);
        await rig.StartWitnessAsync(0);
        (status, body, string? mediaType) = await rig.AddCheckpointAsync(0, Request(key, 0, 5));
        Assert.Equal((HttpStatusCode.Conflict, "3\n", "text/x.tlog.size"), (status, body, mediaType));
        Assert.Equal(HttpStatusCode.OK, (await rig.AddCheckpointAsync(0, Request(key, 3, 5))).Status);
    }

    [Fact]
    public async Task Whatever_does_not_continue_what_was_seen_has_its_own_status()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        using NoteSigner key = rig.ReadLogKey();
        using NoteSigner stranger = NoteSigner.Generate(LogRig.Origin, NoteKeyType.Ed25519);
        await rig.StartWitnessAsync(0);
        Assert.Equal(HttpStatusCode.OK, (await rig.AddCheckpointAsync(0, Request(key, 0, 5))).Status);

        async Task IsAsync(HttpStatusCode status, byte[] request) => Assert.Equal(status, (await rig.AddCheckpointAsync(0, request)).Status);
        await IsAsync(HttpStatusCode.NotFound, Request(key, 5, 7, origin: "other.example/veil"));
        await IsAsync(HttpStatusCode.Forbidden, Request(stranger, 5, 7));
        await IsAsync(HttpStatusCode.BadRequest, Request(key, 7, 5, proof: []));
        await IsAsync(HttpStatusCode.BadRequest, Encoding.ASCII.GetBytes("old five\n\n"));
        await IsAsync(HttpStatusCode.BadRequest, []);
        await IsAsync(HttpStatusCode.Conflict, Request(key, 4, 7));

        // A rollback, a fork of the same size, a fork that goes on, a proof of something else, none at all.
        await IsAsync(HttpStatusCode.Conflict, Request(key, 0, 3));
        await IsAsync(HttpStatusCode.UnprocessableEntity, Request(key, 5, 5, fork: true, proof: []));
        await IsAsync(HttpStatusCode.UnprocessableEntity, Request(key, 5, 7, fork: true));
        await IsAsync(HttpStatusCode.UnprocessableEntity, Request(key, 5, 7, proof: Consistency(4, 7)));
        await IsAsync(HttpStatusCode.UnprocessableEntity, Request(key, 5, 7, proof: []));

        // The same again is no harm: a log that lost the answer asks so.
        await IsAsync(HttpStatusCode.OK, Request(key, 5, 5, proof: []));
        await IsAsync(HttpStatusCode.OK, Request(key, 5, 7));
    }

    [Fact]
    public async Task Of_two_histories_at_once_one_is_cosigned()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        using NoteSigner key = rig.ReadLogKey();
        await rig.StartWitnessAsync(0);
        Assert.Equal(HttpStatusCode.OK, (await rig.AddCheckpointAsync(0, Request(key, 0, 1))).Status);
        (HttpStatusCode Status, string, string?)[] answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => rig.AddCheckpointAsync(0, Request(key, 1, 3, fork: i % 2 is 1, shared: 1))));
        Assert.Equal(1, answers.Count(answer => answer.Status is HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_second_witness_process_on_the_same_state_is_refused()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartWitnessAsync(0);
        (int code, _, string error) = await LogProgram.RunAsync(rig.Folder, "witness", "--config", "witness0.json");
        Assert.NotEqual(0, code);
        Assert.Equal("veil-log: witness0: another process is the witness with this folder; stop it first\n", error);
    }

    [Fact]
    public async Task A_log_whose_history_a_witness_did_not_see_gets_no_acknowledgement()
    {
        await using LogRig rig = await LogRig.CreateAsync(witnesses: 1);
        await rig.StartAsync();
        for (int i = 0; i < 3; i++)
            await AppendTests.AppendAsync(rig, i);

        // The operator goes back to an empty log under the same key, and lets it grow beyond what the witness saw.
        await rig.KillLogAsync();
        Directory.Delete(rig.LogFolder, recursive: true);
        await rig.StartLogAsync();
        for (int i = 0; i < 5; i++)
        {
            (HttpStatusCode status, _) = await rig.AppendAsync(i, Encoding.ASCII.GetBytes($"rewritten {i}"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        }

        using HttpResponseMessage answer = await rig.Http.GetAsync(new Uri(rig.Address, "checkpoint"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static byte[][] Leaves(int size, bool fork = false, int shared = 0) =>
        [.. Enumerable.Range(0, size).Select(i => MerkleTree.LeafHash(Encoding.ASCII.GetBytes(i < shared || !fork ? $"entry {i}" : $"fork {i}")))];

    private static IReadOnlyList<ReadOnlyMemory<byte>> Consistency(int old, int size, bool fork = false, int shared = 0) =>
        old is 0 || old >= size ? [] : MerkleTree.ProveConsistency(Leaves(size, fork, shared), old);

    private static byte[] Note(NoteSigner key, int size, bool fork = false, int shared = 0, string origin = LogRig.Origin) =>
        key.Sign(new Checkpoint(origin, size, MerkleTree.Root(Leaves(size, fork, shared))).Write());

    private static byte[] Request(NoteSigner key, int old, int size, bool fork = false, int shared = 0, string origin = LogRig.Origin, IReadOnlyList<ReadOnlyMemory<byte>>? proof = null)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"old {old}\n"));
        foreach (ReadOnlyMemory<byte> hash in proof ?? Consistency(old, size, fork, shared))
            text.Append(Convert.ToBase64String(hash.Span)).Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.Append('\n').ToString()), .. Note(key, size, fork, shared, origin)];
    }
}

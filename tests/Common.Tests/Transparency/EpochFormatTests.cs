using System.Security.Cryptography;
using System.Text;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Common.Tests.Transparency;

/// <summary>The formats around an epoch head: one encoding each, every truncation refused.</summary>
public sealed class EpochFormatTests : IDisposable
{
    private readonly TestAuthority _authority = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_head_has_one_spelling()
    {
        byte[] line = TestAuthority.Head(7).Write();
        Assert.True(EpochHead.TryParse(line, out EpochHead? head));
        Assert.Equal(line, head.Write());
        string text = Encoding.UTF8.GetString(line);
        foreach (string other in new[]
        {
            text + " ", " " + text, text.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal), text.Replace("\"epoch\":7", "\"epoch\":07", StringComparison.Ordinal),
            text.Replace("\"epoch\":7", "\"epoch\":-1", StringComparison.Ordinal), text.Replace("\"epoch\":7", "\"epoch\":7,\"epoch\":8", StringComparison.Ordinal),
            text.Replace("}", ",\"more\":1}", StringComparison.Ordinal), text.Replace("\"fleet_total\":0", "\"fleet_total\":16777217", StringComparison.Ordinal), "[]", "",
        })
        {
            Assert.False(EpochHead.TryParse(Encoding.UTF8.GetBytes(other), out _), other);
        }
    }

    [Fact]
    public void Every_proper_prefix_and_every_longer_form_of_a_package_is_refused()
    {
        byte[] encoded = _authority.UpTo(30).Package(DateTimeOffset.UnixEpoch.AddHours(30), "keys"u8.ToArray()).Encode();
        Assert.True(EpochPackage.TryParse(encoded, out EpochPackage? package));
        Assert.Equal(encoded, package.Encode());
        Assert.False(EpochPackage.TryParse([.. encoded, 0], out _));
        for (int length = 0; length < encoded.Length; length++)
            Assert.False(EpochPackage.TryParse(encoded.AsSpan(0, length), out _));
    }

    [Fact]
    public void A_proof_of_more_bytes_than_there_are_refuses_the_package()
    {
        byte[] encoded = new EpochPackage([new ProvenEntry("entry"u8.ToArray(), default, default)], "keys"u8.ToArray()).Encode();
        encoded[2 + 2 + 5] = 0xFF;
        Assert.False(EpochPackage.TryParse(encoded, out _));
    }

    [Fact]
    public void Documents_are_found_by_their_hash_alone()
    {
        byte[] encoded = new DocumentSet(["one"u8.ToArray(), "two"u8.ToArray()]).Encode();
        Assert.True(DocumentSet.TryParse(encoded, out DocumentSet? set));
        Assert.True(set.TryFind(SHA256.HashData("two"u8), out ReadOnlyMemory<byte> found));
        Assert.Equal("two"u8.ToArray(), found.ToArray());
        Assert.False(set.TryFind(SHA256.HashData("three"u8), out _));
        Assert.False(DocumentSet.TryParse((byte[])[.. encoded, 0], out _));
        for (int length = 0; length < encoded.Length; length++)
            Assert.False(DocumentSet.TryParse(encoded.AsMemory(0, length), out _));
        Assert.False(DocumentSet.TryParse(Convert.FromHexString("01ffffffffffffffff"), out _));
    }

    [Fact]
    public void A_host_is_proven_at_its_index_and_at_no_other()
    {
        ReadOnlyMemory<byte>[] claims = [.. Enumerable.Range(0, 21).Select(i => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"claims {i}"))];
        ReadOnlyMemory<byte> previous = SHA256.HashData("previous"u8);
        FleetTree fleet = FleetTree.Build(previous, claims);
        EpochHead head = TestAuthority.Head(1) with { FleetTotal = 21, FleetRoot = fleet.Root };
        Assert.Equal(fleet.Root.ToArray(), FleetTree.Build(previous, claims.Reverse()).Root.ToArray());
        Assert.NotEqual(fleet.Claims.Select(Convert), FleetTree.Build(fleet.Root, claims).Claims.Select(Convert));
        for (int i = 0; i < claims.Length; i++)
        {
            ReadOnlyMemory<byte>[] consistency = [.. Enumerable.Range(0, i % 3).Select(hash => (ReadOnlyMemory<byte>)SHA256.HashData([(byte)hash]))];
            byte[] encoded = new ProvenHost(fleet.Prove(i), consistency, fleet.Claims[i]).Encode();
            Assert.True(ProvenHost.TryParse(encoded, out ProvenHost? host));
            Assert.Equal(consistency.Select(hash => hash.ToArray()), host.Consistency.Select(hash => hash.ToArray()));
            for (int length = 0; length < 3 + ((host.Inclusion.Count + consistency.Length) * 32); length++)
                Assert.False(ProvenHost.TryParse(encoded.AsMemory(0, length), out _));
            Assert.True(FleetTree.Contains(head, i, host.Record.Span, host.Inclusion));
            Assert.False(FleetTree.Contains(head, (i + 1) % 21, host.Record.Span, host.Inclusion));
            Assert.False(FleetTree.Contains(head with { FleetTotal = 22 }, i, "other"u8, host.Inclusion));
        }

        static string Convert(ReadOnlyMemory<byte> bytes) => Encoding.ASCII.GetString(bytes.Span);
    }

    [Fact]
    public void A_whole_fleet_has_one_order_in_which_nobody_stands_twice()
    {
        ReadOnlyMemory<byte>[] claims = [.. Enumerable.Range(0, 5).Select(i => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"claims {i}"))];
        FleetTree fleet = FleetTree.Build(FleetTree.EmptyRoot, claims);
        EpochHead head = TestAuthority.Head(1) with { FleetTotal = 5, FleetRoot = fleet.Root };
        Assert.True(FleetTree.IsWhole(head, FleetTree.EmptyRoot, fleet.Claims));
        Assert.False(FleetTree.IsWhole(head, fleet.Root, fleet.Claims));
        Assert.False(FleetTree.IsWhole(head, FleetTree.EmptyRoot, [.. fleet.Claims.Take(4)]));

        // Twice in the tree, and the head says so: the order refuses it all the same.
        FleetTree twice = FleetTree.Build(FleetTree.EmptyRoot, [.. claims, claims[2]]);
        Assert.False(FleetTree.IsWhole(head with { FleetTotal = 6, FleetRoot = twice.Root }, FleetTree.EmptyRoot, twice.Claims));
    }

    [Fact]
    public void A_release_counts_when_enough_signers_signed_it()
    {
        var release = new Release("chat 1.2", "chat.example", "sev-snp", new Dictionary<string, ReadOnlyMemory<byte>> { ["measurement"] = new byte[48] });
        Assert.True(Release.TryOpen(_authority.Sign(release), _authority.Bundle.ReleaseSigners, 2, out Release? opened));
        Assert.Equal(release.Id, opened.Id);
        Assert.False(Release.TryOpen(_authority.Sign(release, signers: 1), _authority.Bundle.ReleaseSigners, 2, out _));

        // One signer twice is one signer.
        byte[] note = [.. _authority.ReleaseSigners[0].Sign(release.NoteText()), .. _authority.ReleaseSigners[0].SignatureLine(release.NoteText())];
        Assert.False(Release.TryOpen(note, _authority.Bundle.ReleaseSigners, 2, out _));
    }

    [Fact]
    public void A_trust_bundle_is_read_as_it_was_written_and_its_flaws_are_named()
    {
        byte[] json = _authority.Bundle.Write();
        Assert.True(TrustBundle.TryParse(json, out TrustBundle? bundle, out string problem), problem);
        Assert.Equal(json, bundle.Write());
        string text = Encoding.UTF8.GetString(json);
        foreach ((string from, string to, string named) in new[]
        {
            ("\"witness_threshold\":2", "\"witness_threshold\":3", "witness_threshold"),
            ("\"witness_threshold\":2", "\"witness_threshold\":0", "witness_threshold"),
            ("\"epoch_seconds\":3600", "\"epoch_seconds\":0", "epoch_seconds"),
            ("\"v\":1", "\"v\":2", "v:"),
            (_authority.Bundle.LogKey.ToString(), _authority.Bundle.Witnesses[0].ToString(), "log_key"),
            (_authority.Bundle.Witnesses[1].ToString(), _authority.Bundle.Witnesses[0].ToString(), "witnesses"),
            ("{", "{\"more\":1,", "members"),
        })
        {
            Assert.False(TrustBundle.TryParse(Encoding.UTF8.GetBytes(Escaped(text).Replace(Escaped(from), Escaped(to), StringComparison.Ordinal)), out _, out problem), named);
            Assert.Contains(named, problem, StringComparison.Ordinal);
        }

        static string Escaped(string json) => json.Replace("+", "\\u002B", StringComparison.Ordinal);
    }

    public void Dispose() => _authority.Dispose();
}

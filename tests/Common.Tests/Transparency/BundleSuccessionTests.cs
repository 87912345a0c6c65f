using System.Text;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Common.Tests.Transparency;

/// <summary>How a trust bundle follows another, and every way in which it does not.</summary>
public sealed class BundleSuccessionTests : IDisposable
{
    private readonly TestAuthority _authority = new(new DateTimeOffset(2026, 2, 28, 6, 0, 0, TimeSpan.Zero));
    private readonly NoteSigner _newAuthorityKey = NoteSigner.Generate(TestAuthority.Name, NoteKeyType.Ed25519);
    private readonly NoteSigner _newSigner = NoteSigner.Generate("dave.example", NoteKeyType.Ed25519);

    private TrustBundle Current => _authority.Bundle;

    private IReadOnlyList<NoteSigner> Signers => _authority.ReleaseSigners;

    [Fact]
    public void A_bundle_that_authority_and_enough_release_signers_signed_follows_and_the_next_is_held_to_its_own_keys()
    {
        TrustBundle second = Current with { Serial = 2, AuthorityKey = _newAuthorityKey.VerifierKey, ReleaseSigners = [_newSigner.VerifierKey, Signers[0].VerifierKey], ReleaseThreshold = 1 };
        Assert.Equal("", Problem(Current, second, _authority.AuthorityKey, Signers[0], Signers[2]));

        TrustBundle third = Current with { Serial = 9 };
        Assert.Equal("", Problem(second, third, _newAuthorityKey, _newSigner));
        Assert.Equal("the authority's key has not signed it", Problem(second, third, _authority.AuthorityKey, Signers[0]));
    }

    [Fact]
    public void Nobody_lets_a_bundle_follow_alone()
    {
        TrustBundle next = Current with { Serial = 2 };
        Assert.Equal("0 release signers have signed it, and 2 are needed", Problem(Current, next, _authority.AuthorityKey));
        Assert.Equal("1 release signers have signed it, and 2 are needed", Problem(Current, next, _authority.AuthorityKey, Signers[1]));
        Assert.Equal("the authority's key has not signed it", Problem(Current, next, Signers[0], Signers[1], Signers[2]));

        // The keys that it names itself count for nothing.
        Assert.Equal(
            "the note is not one of the trusted bundle's keys over this file",
            Problem(Current, next with { AuthorityKey = _newAuthorityKey.VerifierKey, ReleaseSigners = [_newSigner.VerifierKey], ReleaseThreshold = 1 }, _newAuthorityKey, _newSigner));
    }

    [Fact]
    public void What_makes_an_authority_stays()
    {
        Assert.StartsWith("it is of other.example", Signed(Current with { Serial = 2, Authority = "other.example" }), StringComparison.Ordinal);
        Assert.StartsWith("its serial is 1", Signed(Current with { Serial = 1 }), StringComparison.Ordinal);
        Assert.StartsWith("its log is gateway.example/other", Signed(Current with { Serial = 2, Origin = "gateway.example/other" }), StringComparison.Ordinal);
        Assert.StartsWith("its epochs are counted", Signed(Current with { Serial = 2, Epochs = new(Current.Epochs.Genesis.AddHours(1), Current.Epochs.Length) }), StringComparison.Ordinal);
        Assert.StartsWith("its epochs are counted", Signed(Current with { Serial = 2, Epochs = new(Current.Epochs.Genesis, 2 * Current.Epochs.Length) }), StringComparison.Ordinal);
    }

    [Fact]
    public void Signatures_are_over_the_exact_bytes_and_hostile_bytes_are_refused()
    {
        byte[] next = (Current with { Serial = 2 }).Write();
        byte[] note = Note(next, _authority.AuthorityKey, Signers[0], Signers[1]);
        Assert.True(BundleSuccession.TryFollow(Current, next, note, out TrustBundle? followed, out _));
        Assert.Equal(2, followed.Serial);

        byte[] spaced = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(next).Replace("\"serial\":2", "\"serial\": 2", StringComparison.Ordinal));
        Assert.False(BundleSuccession.TryFollow(Current, spaced, note, out _, out _));
        var random = new Random(5);
        for (int i = 0; i < 500; i++)
        {
            byte[] broken = [.. note];
            broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(BundleSuccession.TryFollow(Current, next, broken, out _, out string problem) && !broken.AsSpan().SequenceEqual(note), problem);
            Assert.False(BundleSuccession.TryFollow(Current, next, note.AsSpan(0, random.Next(note.Length - 1)), out _, out _));
        }

        Assert.False(BundleSuccession.TryFollow(Current, "no bundle"u8.ToArray(), note, out _, out _));
        Assert.False(BundleSuccession.TryFollow(Current, next, [], out _, out _));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _newAuthorityKey.Dispose();
        _newSigner.Dispose();
    }

    private static byte[] Note(byte[] bundle, params NoteSigner[] signers)
    {
        byte[] text = BundleSuccession.NoteText(bundle);
        return [.. signers[0].Sign(text), .. signers.Skip(1).SelectMany(signer => signer.SignatureLine(text))];
    }

    private static string Problem(TrustBundle current, TrustBundle next, params NoteSigner[] signers)
    {
        byte[] bytes = next.Write();
        bool follows = BundleSuccession.TryFollow(current, bytes, Note(bytes, signers), out TrustBundle? followed, out string problem);
        Assert.Equal(follows, problem.Length is 0);
        Assert.Equal(follows, followed is not null);
        return problem;
    }

    private string Signed(TrustBundle next) => Problem(Current, next, _authority.AuthorityKey, Signers[0], Signers[1]);
}

using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;

namespace Veil.Fuzz.Targets;

/// <summary>Under the corpus's root, whose key nobody holds any more, nothing opens but the document that was signed.</summary>
public static class SignedViewTarget
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly X509Certificate2Collection Roots =
    [
        X509Certificate2.CreateFromPem(
        """
        -----BEGIN CERTIFICATE-----
        MIIBKTCB0KADAgECAgEJMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWZ1enogcm9v
        dDAeFw0yNjAxMDEwMDAwMDBaFw00NjAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCWZ1
        enogcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGknfsSV+NtPXVNPQBqt
        L1vJmmln8OdbeDHUfeO5QV+L6kWuqOSAj9cLpld0Dh8ofU1inOZtrqQN6azIwtph
        n/KjEzARMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgD16+DFjE
        rLfQJoyF3oEeDbrngQXK82rT8ZlPyS9lSlACIQC4HX7HlqUvArNOgzvWfq85AhGN
        aI91h5NzzVbyPOucZw==
        -----END CERTIFICATE-----
        """),
    ];

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (SignedView.TryOpen(input, "gateway.example", Roots, Now, out SignedView? view, out SignedViewError error) != (error is SignedViewError.None))
            throw new InvalidOperationException($"A view was opened or refused with {error}.");
        if (view is not null && !view.Document.Span.SequenceEqual("""{"v":1}"""u8))
            throw new InvalidOperationException("A document opened that was never signed.");
    }
}

using System.Security.Cryptography.X509Certificates;
using Veil.ClientSdk;
using Veil.DevStack.Attacks;
using Veil.Transparency.Epochs;

namespace Veil.DevStack;

/// <content>What attacks need of a deployment.</content>
public sealed partial class Deployment
{
    /// <summary>What the guests of the demo's hosts are called; its SHA-384 is their measurement.</summary>
    public const string GuestLabel = Label;

    internal async Task<Adversary> StartAdversaryAsync()
    {
        IssuedCertificate issued = _ca.Issue(PartyFolder("adversary"), "relay.veil.test", Plan.Relay.Public.Address);
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(issued.CertificateFile, issued.KeyFile);
        X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        if (!TrustBundle.TryParse(await File.ReadAllBytesAsync(BundleFile), out TrustBundle? bundle, out string problem))
        {
            throw new DevStackException($"{BundleFile}: {problem}.");
        }

        return await Adversary.StartAsync(bundle, AdversarySecrets.Read(this), certificate, Plan.Relay.Public.Address);
    }

    internal VeilOptions ClientOptionsThrough(Uri relay, string seenLogFile) => new()
    {
        Relay = relay,
        Authority = Authority,
        TrustBundleFile = BundleFile,
        SeenLogFile = seenLogFile,
        TrustedRootsFile = RootFile,
        LocalAddress = Plan.Client,
    };

    internal async Task SeeLogAsync(string seenLogFile)
    {
        using var handler = new VeilHandler(ClientOptionsThrough(RelayUrl, seenLogFile));
        await handler.GetViewAsync(CancellationToken.None);
    }

    internal Task RunSoftwareTeeAsync(IEnumerable<string> arguments) => RunAsync("Veil.SoftwareTee", Folder, arguments, CancellationToken.None);
}

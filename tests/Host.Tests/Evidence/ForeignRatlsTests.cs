using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.SoftwareTee;

namespace Veil.Host.Tests.Evidence;

/// <summary>Certificates as other projects make them, with quotes of a software TDX machine.</summary>
public sealed class ForeignRatlsTests : IDisposable
{
    private const string Dice = "2.23.133.5.4.9";
    private const string Gramine = "0.6.9.42.840.113741.1337.6";
    private static readonly SoftwareTd Guest = new() { Mrtd = SoftwareMachine.Bytes(48, 8) };
    private readonly SoftwareTdxPlatform _platform = new(SoftwareMachine.Now);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private byte[] Spki => _key.ExportSubjectPublicKeyInfo();

    private AppraisalPolicy Policy => new() { Service = "", Tdx = new() { TrustedRoots = [_platform.SpkiSha256], Images = [new() { Mrtd = Guest.Mrtd }] } };

    [Fact]
    public void An_interoperable_certificate_and_one_of_old_Gramine_are_judged_with_their_key()
    {
        foreach ((int algorithm, byte[] hash) in new[] { (1, SHA256.HashData(Spki)), (7, SHA384.HashData(Spki)), (8, SHA512.HashData(Spki)) })
            Assert.Empty(Failures(Dice, Tagged(Claims(algorithm, hash))));
        Assert.Empty(Failures(Dice, Tagged(Claims(1, SHA256.HashData(Spki), others: 3))));
        Assert.Empty(Failures(Gramine, Quote(SHA256.HashData(Spki))));
    }

    [Fact]
    public void A_quote_over_other_claims_or_for_another_key_is_refused()
    {
        byte[] other = SHA256.HashData("another key"u8);
        Assert.Equal([CheckNames.TlsKey], Failures(Dice, Tagged(Claims(1, other))));
        byte[] claims = Claims(1, SHA256.HashData(Spki));
        Assert.Equal([CheckNames.ReportData], Failures(Dice, Tagged(claims, Quote(other))));
        Assert.Equal([CheckNames.ReportData], Failures(Gramine, Quote(other)));
    }

    [Fact]
    public void A_certificate_that_another_key_signed_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal([CheckNames.CertificateSignature], Failures(Dice, Tagged(Claims(1, SHA256.HashData(Spki))), other));
    }

    [Fact]
    public void What_is_not_the_format_is_refused_and_never_throws()
    {
        byte[] good = Tagged(Claims(1, SHA256.HashData(Spki)));
        byte[] hash = SHA256.HashData(Spki);
        foreach (byte[] broken in new byte[][]
        {
            [], [0xFF], good[..^1], [.. good, 0], good[3..],
            Tagged(Claims(2, hash)), Tagged(Claims(1, hash[..31])), Tagged([0xA0]), Tagged([0xBF, 0xFF]), Tagged(Claims(1, hash, others: 20)),
            Tagged([0xA2, .. Claims(1, hash)[1..], .. Claims(1, hash)[1..]]),
        })
        {
            Assert.Contains(CheckNames.HostRecord, Failures(Dice, broken));
        }

        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] flipped = [.. good];
            int bit = random.Next(flipped.Length * 8);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEmpty(Failures(Dice, flipped));
        }
    }

    public void Dispose()
    {
        _platform.Dispose();
        _key.Dispose();
    }

    private static byte[] Claims(int algorithm, byte[] hash, int others = 0)
    {
        var pair = new CborWriter();
        pair.WriteStartArray(2);
        pair.WriteInt32(algorithm);
        pair.WriteByteString(hash);
        pair.WriteEndArray();
        var claims = new CborWriter();
        claims.WriteStartMap(1 + others);
        claims.WriteTextString("pubkey-hash");
        claims.WriteByteString(pair.Encode());
        for (int i = 0; i < others; i++)
        {
            claims.WriteTextString($"other {i}");
            claims.WriteInt32(i);
        }

        claims.WriteEndMap();
        return claims.Encode();
    }

    private byte[] Quote(byte[] bound)
    {
        byte[] value = new byte[64];
        bound.CopyTo(value, 0);
        return _platform.Quote(Guest, value);
    }

    private byte[] Tagged(byte[] claims, byte[]? quote = null)
    {
        var writer = new CborWriter();
        writer.WriteTag((CborTag)60000);
        writer.WriteStartArray(2);
        writer.WriteByteString(quote ?? Quote(SHA256.HashData(claims)));
        writer.WriteByteString(claims);
        writer.WriteEndArray();
        return writer.Encode();
    }

    private IEnumerable<string> Failures(string oid, byte[] extension, ECDsa? signer = null)
    {
        var request = new CertificateRequest("CN=RATLS", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(oid, extension, critical: false));
        using X509Certificate2 certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(signer ?? _key), SoftwareMachine.Now.AddDays(-1), SoftwareMachine.Now.AddDays(1), [1]);
        Verdict verdict = ForeignRatls.Appraise(certificate.RawDataMemory, _platform.Endorse(), Policy, new AppraisalContext { Now = SoftwareMachine.Now });
        return verdict.Failures.Select(check => check.Name);
    }
}

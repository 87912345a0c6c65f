using System.Security.Cryptography.X509Certificates;

namespace Veil.SoftwareTee;

/// <summary>Names as AMD's certificates have them, but for the organization, which says what this is.</summary>
internal static class AmdName
{
    public static X500DistinguishedName Of(string commonName)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddOrganizationalUnitName("Engineering");
        name.AddOrganizationName("Veil software TEE");
        name.AddCommonName(commonName);
        return name.Build();
    }
}

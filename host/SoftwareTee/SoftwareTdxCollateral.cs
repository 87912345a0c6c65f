using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.SoftwareTee;

/// <summary>What collateral of a software TDX platform says; the defaults are an honest one's.</summary>
public sealed record SoftwareTdxCollateral
{
    /// <summary>What TCB info is for.</summary>
    public string Id { get; init; } = "TDX";

    /// <summary>FMSPC in TCB info, 12 hexadecimal digits; null for the platform's own.</summary>
    public string? Fmspc { get; init; }

    /// <summary>PCEID in TCB info.</summary>
    public string PceId { get; init; } = "0000";

    /// <summary>tcbEvaluationDataNumber of both documents.</summary>
    public int EvaluationNumber { get; init; } = 17;

    /// <summary>The module that TCB info names.</summary>
    public string ModuleId { get; init; } = "TDX_01";

    /// <summary>Status of the module's level.</summary>
    public string ModuleStatus { get; init; } = "UpToDate";

    /// <summary>Status of the platform's level.</summary>
    public string Status { get; init; } = "UpToDate";

    /// <summary>A second status of the platform's level, behind the first; null for none.</summary>
    public string? SecondStatus { get; init; }

    /// <summary>Signs both documents; null for the signer of the certificate.</summary>
    public ECDsa? Signer { get; init; }

    /// <summary>Signs the root's revocation list; null for the root.</summary>
    public ECDsa? RootListKey { get; init; }

    /// <summary>Whom the list of the PCK's authority names as its issuer; null for the authority.</summary>
    public X509Certificate2? ListIssuer { get; init; }

    /// <summary>Whether the PCK is on its authority's list.</summary>
    public bool RevokedPck { get; init; }

    /// <summary>Whether the collateral's signer is on the root's list.</summary>
    public bool RevokedSigner { get; init; }

    /// <summary>When both documents were made, to hold for 30 days; null for the day before now.</summary>
    public DateTimeOffset? Made { get; init; }

    /// <summary>When both revocation lists end; null for 29 days from now.</summary>
    public DateTimeOffset? ListsEnd { get; init; }
}

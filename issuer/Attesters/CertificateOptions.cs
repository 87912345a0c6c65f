using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>
/// Accounts that prove themselves by a TLS client certificate: one whose key was added with <c>veil-issuer accounts add NAME --certificate FILE</c>, or one
/// that a trusted authority issued.
/// </summary>
public sealed class CertificateOptions
{
    /// <summary>
    /// PEM file with the authorities of account holders: roots, and the intermediates below them. Whoever it issues a client certificate to is an account of its
    /// own, named by the certificate's subject, so a renewed certificate is the same account. It must issue to account holders alone, and never two
    /// of them the same subject. Default none: only added certificates are known.
    /// </summary>
    [ReadableFile]
    public string? TrustedRootsFile { get; init; }

    /// <summary>Quota class of accounts without one of their own. Default <c>default</c>.</summary>
    [Required]
    public string Class { get; init; } = IssuanceOptions.DefaultClass;

    /// <summary>Only identities that the operator added draw; others are refused. Default false: whom <see cref="TrustedRootsFile"/> vouches for becomes an account.</summary>
    public bool OnlyAdded { get; init; }
}

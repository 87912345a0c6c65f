namespace Veil.PrivacyPass;

/// <summary>Why bytes from a client, an origin or an issuer were refused.</summary>
public enum PrivacyPassError
{
    /// <summary>Nothing was refused.</summary>
    None,

    /// <summary>The structure ends early, has bytes left over, has not the one length of its token type, or a length in it is not written in its shortest form.</summary>
    BadLength,

    /// <summary>The token type is not in the registry (grease included).</summary>
    UnknownTokenType,

    /// <summary>The token type is in the registry, and this machine lacks what it needs: <see cref="TokenType.Missing"/> says what.</summary>
    UnavailableTokenType,

    /// <summary>The token type is known and not the one that this key or challenge is for.</summary>
    WrongTokenType,

    /// <summary>The batch has more tokens than its reader takes.</summary>
    TooManyTokens,

    /// <summary>An entry of a batch is neither absent nor present.</summary>
    BadBatchEntry,

    /// <summary>issuer_name is empty or not a host name with an optional port.</summary>
    BadIssuerName,

    /// <summary>redemption_context has neither 0 nor 32 bytes.</summary>
    BadRedemptionContext,

    /// <summary>origin_info is not a comma-separated list of host names with optional ports.</summary>
    BadOriginInfo,

    /// <summary>The public key is not the exact encoding of its token type.</summary>
    BadKey,

    /// <summary>The (truncated) key id is not that of this key.</summary>
    UnknownKey,

    /// <summary>The blinded element is not one that the issuer can evaluate.</summary>
    BadBlindedElement,

    /// <summary>The issuer's answer, or the token, does not verify under the key. One member for every way to fail.</summary>
    BadSignature,

    /// <summary>Base64url with padding was wanted (RFC 4648 section 5).</summary>
    BadBase64,

    /// <summary>The header field is not a list of challenges or credentials (RFC 9110 section 11), or is too long.</summary>
    BadHeader,

    /// <summary>The credentials use another authentication scheme.</summary>
    WrongScheme,

    /// <summary>A parameter that the scheme requires is absent.</summary>
    MissingParameter,

    /// <summary>A parameter occurs twice.</summary>
    DuplicateParameter,

    /// <summary>The issuer directory is not the JSON object of RFC 9578 section 4, or is too long.</summary>
    BadDirectory,

    /// <summary>The directory lists more keys than a client accepts: each active key is a partition of the clients.</summary>
    TooManyKeys,

    /// <summary>The directory has no key of the wanted type that is usable now.</summary>
    NoUsableKey,
}

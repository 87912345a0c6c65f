namespace Veil.Bhttp;

/// <summary>Why a binary HTTP message was refused (RFC 9292).</summary>
public enum BhttpError
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The message ends inside a field, a section, a chunk, or before its final status (section 3.8).</summary>
    Truncated,

    /// <summary>The framing indicator is not one of the two that this reader takes (section 3.3).</summary>
    BadFraming,

    /// <summary>The method is not a token, or is CONNECT, which has no meaning here.</summary>
    BadMethod,

    /// <summary>The scheme is not one by RFC 3986 section 3.1.</summary>
    BadScheme,

    /// <summary>The authority holds a character that it must not, or user information.</summary>
    BadAuthority,

    /// <summary>The path is empty, does not start with a slash, or holds a character that it must not.</summary>
    BadPath,

    /// <summary>A Host field contradicts the authority or another Host field.</summary>
    AuthorityConflict,

    /// <summary>A status code outside 100 to 599 (section 3.5).</summary>
    BadStatus,

    /// <summary>A field name that is empty or not a lower-case token.</summary>
    BadFieldName,

    /// <summary>A field value with a control character, or with white space at an end.</summary>
    BadFieldValue,

    /// <summary>A pseudo-field that repeats control data, follows a regular field, or stands in trailers (section 3.6).</summary>
    BadPseudoField,

    /// <summary>A field line crosses the end of its section.</summary>
    SectionOverrun,

    /// <summary>Padding holds a byte that is not zero (section 3.8).</summary>
    BadPadding,

    /// <summary>Control data, a header section or a trailer section is longer than <see cref="BhttpLimits.HeadBytes"/>, or a name or value than its limit.</summary>
    HeadTooLarge,

    /// <summary>A section has more field lines than <see cref="BhttpLimits.FieldLines"/>.</summary>
    TooManyFieldLines,

    /// <summary>More informational responses than <see cref="BhttpLimits.InformationalResponses"/>.</summary>
    TooManyInformationalResponses,

    /// <summary>Content and padding are longer than <see cref="BhttpLimits.BodyBytes"/>.</summary>
    BodyTooLarge,
}

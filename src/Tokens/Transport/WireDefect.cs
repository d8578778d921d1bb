namespace Tokens.Transport;

/// <summary>Why the wire gate refused. All but four are 400 <c>request-malformed</c>.</summary>
public enum WireDefect
{
    /// <summary>Nothing wrong.</summary>
    None,

    /// <summary>
    /// Content-Length with Transfer-Encoding, a coding other than chunked, a coding over HTTP/2, or a length that is not digits.
    /// </summary>
    Framing,

    /// <summary>A field that may stand once stands twice or is a joined list.</summary>
    RepeatedField,

    /// <summary>A field name that is not an RFC 9110 token, or contains an underscore.</summary>
    FieldName,

    /// <summary>A field value with a control character or a byte above 0x7E.</summary>
    FieldValue,

    /// <summary>431: more header lines, or more bytes of them, than are taken.</summary>
    HeadersTooLarge,

    /// <summary>Upgrade, Trailer, or an Expect other than 100-continue.</summary>
    HopByHop,

    /// <summary>No authority, or one that is not ours.</summary>
    Authority,

    /// <summary>Request target not in origin form, or with a form that two readers can understand differently.</summary>
    Target,

    /// <summary>A query string where the route takes none, or a parameter that it does not take.</summary>
    Query,

    /// <summary>A coded request body; <c>identity</c> is no coding.</summary>
    ContentEncoding,

    /// <summary>A body where the route takes none.</summary>
    UnexpectedBody,

    /// <summary>A body whose framing breaks before its end, or that has trailers.</summary>
    BrokenBody,

    /// <summary>405; the answer says in <c>Allow</c> which methods there are.</summary>
    MethodNotAllowed,

    /// <summary>415.</summary>
    MediaType,
}

namespace Tokens.Transport;

/// <summary>Why the wire gate refused. All but three are 400 <c>request-malformed</c>.</summary>
public enum WireDefect
{
    /// <summary>Nothing wrong.</summary>
    None,
    /// <summary>Content-Length with Transfer-Encoding, a coding other than chunked, a coding over HTTP/2, or a length that is not digits.</summary>
    Framing,
    /// <summary>A field that may stand once stands twice or is a joined list.</summary>
    RepeatedField,
    /// <summary>A field name that is not an RFC 9110 token, or contains an underscore.</summary>
    FieldName,
    /// <summary>A field value with a control character or a byte above 0x7E.</summary>
    FieldValue,
    /// <summary>Upgrade, Trailer, an Expect other than 100-continue, or a Connection that names another field.</summary>
    HopByHop,
    /// <summary>No authority, or one that is not ours.</summary>
    Authority,
    /// <summary>Request target not in origin form, or with a form that two readers can understand differently.</summary>
    Target,
    /// <summary>A query string where the route takes none.</summary>
    Query,
    /// <summary>A coded request body.</summary>
    ContentEncoding,
    /// <summary>A body where the route takes none.</summary>
    UnexpectedBody,
    /// <summary>405.</summary>
    MethodNotAllowed,
    /// <summary>415.</summary>
    MediaType,
}

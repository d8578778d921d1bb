using System.Collections.Frozen;
using Authority.Keys;
using Microsoft.Net.Http.Headers;
using Tokens.Operations;
using Tokens.Transport;

namespace Authority;

/// <summary>The closed list of paths. No authorize, device, PAR, userinfo, registration or OpenID endpoint exists (OA-62, OA-63).</summary>
internal sealed class Endpoints(
    AuthorityAddresses addresses,
    Metadata metadata,
    KeyRing ring,
    ClientEndpoint endpoint,
    Issuance issuance,
    Introspection introspection,
    Revocation revocation,
    Explanation explanation
)
{
    private static readonly FrozenSet<string> Get = FrozenSet.Create(StringComparer.Ordinal, "GET", "HEAD");
    private static readonly FrozenSet<string> Post = FrozenSet.Create(StringComparer.Ordinal, "POST");
    private static readonly FrozenSet<string> Form = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "application/x-www-form-urlencoded"
    );
    private static readonly WireRoute Document = new(Get, [], AllowsQuery: false);
    private static readonly WireRoute FormPost = new(Post, Form);

    private static readonly TokenRefusal Malformed = TokenRefusal.InvalidRequest(
        "request-malformed",
        "request-malformed WIR-01: the request is not well-formed"
    );
    private static readonly TokenRefusal HeadersTooLarge = TokenRefusal.InvalidRequest(
        "headers-too-large",
        "headers-too-large WIR-12: more than 40 header lines or 16 KiB of them"
    ) with
    {
        Status = StatusCodes.Status431RequestHeaderFieldsTooLarge,
    };

    internal WireGateOptions Gate() =>
        new()
        {
            Hosts = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, new Uri(addresses.Issuer).Host, new Uri(addresses.MutualTls).Host),
            Route = context =>
                context.Request.Path.Value switch
                {
                    Metadata.TokenPath or Metadata.IntrospectionPath or Metadata.RevocationPath or Metadata.ExplanationPath => FormPost,
                    Metadata.JwksPath => Document,
                    var path => path == metadata.Path ? Document : null,
                },
            Refuse = (context, defect) =>
                endpoint.Refuse(
                    context,
                    defect switch
                    {
                        WireDefect.MethodNotAllowed => new(
                            "invalid_request",
                            StatusCodes.Status405MethodNotAllowed,
                            "method-not-allowed",
                            "method-not-allowed WIR-03: the method is not served here"
                        ),
                        WireDefect.MediaType => TokenRefusal.InvalidRequest(
                            "media-type-unsupported",
                            "media-type-unsupported WIR-05: send application/x-www-form-urlencoded"
                        ),
                        WireDefect.HeadersTooLarge => HeadersTooLarge,
                        WireDefect.ContentEncoding => TokenRefusal.Compressed,
                        WireDefect.Query => TokenRefusal.InvalidRequest(
                            "request-malformed",
                            "request-malformed WIR-01: parameters go into the form body"
                        ),
                        _ => WireFault.Of(context.Request, defect) is { } fault
                            ? TokenRefusal.InvalidRequest(
                                "request-malformed",
                                $"request-malformed WIR-01: header {fault.Name}: {fault.Rule}"
                            )
                            : Malformed,
                    }
                ),
        };

    /// <summary>What is said where the server refuses a request before there is one; it is counted, and its record follows.</summary>
    internal ServerAnswer Refused(HttpContext context, int status)
    {
        if (ListenerName.Of(context) == OperationsPages.Listener)
            return OperationsPages.Refused(status);
        return endpoint.Refused(status == HeadersTooLarge.Status ? HeadersTooLarge : Malformed with { Status = status });
    }

    internal Task Handle(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path == Metadata.TokenPath)
            return issuance.Handle(context);
        if (path == Metadata.IntrospectionPath)
            return introspection.Handle(context);
        if (path == Metadata.RevocationPath)
            return revocation.Handle(context);
        if (path == Metadata.ExplanationPath)
            return explanation.Handle(context);
        if (path == Metadata.JwksPath)
            return Keys(context);
        if (path == metadata.Path)
            return Send(context, metadata.Document, "application/json");
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private Task Keys(HttpContext context)
    {
        var (tag, keys) = (ring.ETag, ring.Jwks);
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = $"public, max-age={(int)Metadata.KeyCacheTime.TotalSeconds}";
        if (!IsKnown(context.Request, tag))
            return Send(context, keys, "application/jwk-set+json");
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    // Any of a list, weak or strong, or the star (RFC 9110, section 13.1.2).
    private static bool IsKnown(HttpRequest request, string tag)
    {
        var held = EntityTagHeaderValue.Parse(tag);
        return request
            .GetTypedHeaders()
            .IfNoneMatch.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(held, useStrongComparison: false));
    }

    private static Task Send(HttpContext context, ReadOnlyMemory<byte> bytes, string mediaType)
    {
        (context.Response.ContentType, context.Response.ContentLength) = (mediaType, bytes.Length);
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}

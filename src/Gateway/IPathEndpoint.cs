using Tokens.Transport;

namespace Gateway;

/// <summary>A endpoint that knows its requests by their path; those of the contracts' operations are known by the law instead.</summary>
internal interface IPathEndpoint
{
    /// <summary>What the wire gate asks of the path; null when it is none of this endpoint's.</summary>
    WireRoute? WireOf(string path);

    /// <summary>Answers one of the endpoint's paths.</summary>
    Task RunAsync(HttpContext http, string path);
}

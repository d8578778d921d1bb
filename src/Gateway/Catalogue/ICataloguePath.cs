using System.Collections.Immutable;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// One path of the catalogue (exchanges page, section 13). It takes any valid token, no scope, and tells nothing about a person; the
/// endpoint identifies the caller before it is asked, and has the answer sealed before it leaves.
/// </summary>
internal interface ICataloguePath
{
    /// <summary>
    /// Name under which its calls are recorded, for example <c>catalogue.caller.read</c>. Never a scope: nobody is granted it.
    /// </summary>
    string Operation { get; }

    /// <summary>What the wire gate asks of the path.</summary>
    WireRoute Wire { get; }

    /// <summary>Media types that it can answer in, the usual one first.</summary>
    ImmutableArray<string> Offers => [CatalogueAnswer.Json];

    /// <summary>Is it this path?</summary>
    bool Knows(string path);

    /// <summary>The answer, or why there is none.</summary>
    ValueTask<Verdict<CatalogueAnswer>> AnswerAsync(CatalogueCall call);
}

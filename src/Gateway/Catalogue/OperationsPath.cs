using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Agreements;
using Agreements.Narrowing;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// <c>GET /catalogue/v1/operations</c>: one OpenAPI 3.1 document, narrowed to what the caller's token lets it ask. Made once for each
/// snapshot of the law, agreement, purpose and system, not for each call.
/// </summary>
internal sealed class OperationsPath(CallerLaw law, GatewayOptions options) : ICataloguePath
{
    private readonly ConditionalWeakTable<Registry, ConcurrentDictionary<Key, CatalogueAnswer>> _made = [];

    /// <inheritdoc/>
    public string Operation => "catalogue.operation.list";

    /// <inheritdoc/>
    public WireRoute Wire { get; } = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), []);

    /// <inheritdoc/>
    public bool Knows(string path) => path == "/catalogue/v1/operations";

    /// <inheritdoc/>
    public ValueTask<Verdict<CatalogueAnswer>> AnswerAsync(CatalogueCall call)
    {
        // An authorization of the CNDP runs out by the day, without a new snapshot.
        var key = new Key(
            call.Agreement.Reference,
            call.Caller.Purpose,
            call.Caller.Client.Id,
            AgreementStatus.PriorAuthorizationMissing(call.Registry, call.Agreement, call.Caller.Purpose, law.Today)
        );
        return new(
            _made.GetOrCreateValue(call.Registry).GetOrAdd(key, static (_, made) => made.Self.Make(made.Call), (Self: this, Call: call))
        );
    }

    private CatalogueAnswer Make(CatalogueCall call) =>
        CatalogueAnswer.Of(
            NarrowedContract.Write(
                new NarrowedView(
                    call.Registry,
                    call.Agreement,
                    call.Caller.Client,
                    call.Caller.Purpose,
                    [
                        .. from grant in CallerLaw.GrantsOf(call.Agreement, call.Caller)
                        where grant.Purpose == call.Caller.Purpose
                        from operation in law.OperationsOf(call.Registry, call.Agreement, grant, call.Caller)
                        select (grant, operation),
                    ],
                    call.Caller.Client.DPoP ? options.DpopAddress : options.Resource
                )
            )
        );

    private readonly record struct Key(string Agreement, string Purpose, string Client, bool Unauthorized);
}

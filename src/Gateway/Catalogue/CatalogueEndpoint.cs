using Gateway.Admission;
using Gateway.Audit;
using Gateway.Problems;
using Ledger;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// Leads a call to its path of the catalogue. Every call has one record, its 304 too (class <c>CATALOGUE</c>, exchanges page, section
/// 1.16); without the record nothing leaves.
/// </summary>
internal sealed class CatalogueEndpoint(
    IEnumerable<ICataloguePath> paths,
    ResourceDocument resource,
    Exchange exchange,
    Sealing sealing,
    Release release
) : IPathEndpoint
{
    private readonly ICataloguePath[] _paths = [.. paths];

    /// <inheritdoc/>
    public WireRoute? WireOf(string path) => path == ResourceDocument.Path ? ResourceDocument.Wire : Find(path)?.Wire;

    /// <inheritdoc/>
    public Task RunAsync(HttpContext http, string path) =>
        path == ResourceDocument.Path ? resource.RunAsync(http) : RunAsync(http, path, Find(path)!);

    private Task RunAsync(HttpContext http, string path, ICataloguePath found)
    {
        var facts = exchange.Begin(http, found.Operation);
        return exchange.RunAsync(
            http,
            facts,
            records: 1,
            seat => SealedAsync(http, path, found, facts, seat),
            (told, _) => release.CatalogueAsync(http, facts, told.Answer, told.IsKnown, told.Receipt)
        );
    }

    private async ValueTask<Verdict<(CatalogueAnswer Answer, bool IsKnown, Receipt Receipt)>> SealedAsync(
        HttpContext http,
        string path,
        ICataloguePath found,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        if (!(await exchange.IdentifyAsync(http, facts)).Allows(out var agreement, out var refusal))
            return refusal;
        if (Accepted.Best(http.Request, found.Offers) is null)
            return new Refusal(Problem.NotAcceptable);
        if (
            !(await facts.Turn.Outside(found.AnswerAsync(new CatalogueCall(http, path, facts, agreement)))).Allows(
                out var answer,
                out refusal
            )
        )
            return refusal;
        var known = answer.IsKnown(http.Request);
        var (status, body) = known
            ? (StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty)
            : (StatusCodes.Status200OK, answer.Body);
        // A crash after this line and before release: a record of an answer that never arrived, the safe side.
        return (await sealing.SealAsync(facts, status, body, seat)).Allows(out var receipt, out refusal)
            ? (answer, known, receipt)
            : refusal;
    }

    private ICataloguePath? Find(string path)
    {
        foreach (var one in _paths)
            if (one.Knows(path))
                return one;
        return null;
    }
}

using Gateway.Audit;
using Gateway.Problems;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// Leads a call to its path of the catalogue. Every call has one record, its 304 too (class <c>CATALOGUE</c>, exchanges page, section 1.16);
/// without the record nothing leaves.
/// </summary>
internal sealed class CatalogueDesk(IEnumerable<ICataloguePath> paths, ResourceDocument resource, Exchange exchange, Sealing sealing, Release release) : IPathDesk
{
    private readonly ICataloguePath[] _paths = [.. paths];

    /// <inheritdoc/>
    public WireRoute? WireOf(string path) => path == ResourceDocument.Path ? ResourceDocument.Wire : Find(path)?.Wire;

    /// <inheritdoc/>
    public Task RunAsync(HttpContext http, string path) => path == ResourceDocument.Path ? resource.RunAsync(http) : RunAsync(http, path, Find(path)!);

    private async Task RunAsync(HttpContext http, string path, ICataloguePath found)
    {
        var facts = exchange.Begin(http, found.Operation);
        if (!sealing.TryReserve(1, out var seat))
        {
            await release.UnsealedAsync(http, facts, Sealing.Unavailable(lost: null));
            return;
        }

        using (seat)
        {
            Verdict<CatalogueAnswer> verdict;
            try
            {
                verdict = (await exchange.IdentifyAsync(http, facts)).Allows(out var agreement, out var refused)
                    ? Accepted.Best(http.Request, found.Offers) is null ? new Refusal(Problem.NotAcceptable) : await found.AnswerAsync(new CatalogueCall(http, path, facts, agreement))
                    : refused;
            }
            catch (Exception fault)
            {
                verdict = release.Fault(fault, facts);
            }

            if (!verdict.Allows(out var answer, out var refusal))
            {
                await release.RefuseAsync(http, facts, refusal, seat);
                return;
            }

            var known = answer.IsKnown(http.Request);
            var (status, body) = known ? (StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) : (StatusCodes.Status200OK, answer.Body);
            // A crash after this line and before release: a record of an answer that never arrived, the safe side.
            if ((await sealing.SealAsync(facts, status, body, seat)).Allows(out var receipt, out var unavailable)) await release.CatalogueAsync(http, facts, answer, known, receipt);
            else await release.UnsealedAsync(http, facts, unavailable);
        }
    }

    private ICataloguePath? Find(string path)
    {
        foreach (var one in _paths) if (one.Knows(path)) return one;
        return null;
    }
}

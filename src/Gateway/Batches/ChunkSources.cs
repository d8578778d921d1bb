using System.Buffers;
using System.Collections.Concurrent;
using Agreements;
using Agreements.Contracts;
using Gateway.Admission;
using Gateway.Authorization;
using Gateway.Forwarding;
using Gateway.Hiding;
using Gateway.Minimization;
using Gateway.Problems;
using Ledger;

namespace Gateway.Batches;

/// <summary>
/// Steps 5 and 6 for the lines of a chunk: one call to each source for all lines that still need it, at the provider's pace.
/// </summary>
internal sealed class ChunkSources(
    SourceCalls sources,
    Legs legs,
    ProviderCalls calls,
    ReleasePlans plans,
    SourcePasts pasts,
    TimeProvider time
) : IDisposable
{
    private const int LargestChunk = 500,
        LargestAnswer = 8 * 1024 * 1024;
    private static readonly TimeSpan ChunkTimeout = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<(string Provider, int PerSecond), Pace> _paces = new();

    /// <summary>Lines in one chunk: what the first source takes.</summary>
    public static int ChunkSize(Entitlement entitlement) =>
        Math.Clamp(entitlement.Registry.Institutions[entitlement.Grant.Sources[0].Institution].Provider!.ChunkSize, 1, LargestChunk);

    /// <summary>Begins a line's combination of sources.</summary>
    public Combination Begin(Permit permit) => sources.Begin(permit);

    /// <summary>What a line's sources said together, as its result line.</summary>
    public Verdict<Disclosure> Conclude(BatchLineWork work) =>
        sources.Conclude(work.Permit!, work.Combination!, Languages.Default, work.Line);

    /// <summary>Why what the sources said about a line may be released no longer; null while it may.</summary>
    public Refusal? Lapsed(Entitlement now, Combination combination) => sources.Lapsed(now, combination);

    /// <summary>What the sources would have said of a person who must look unknown only since they were asked.</summary>
    public Combination Unknown(Permit permit)
    {
        var combination = sources.Begin(permit);
        while (combination.Next is { } source)
        {
            var past = pasts.Of(permit.Entitlement, source)!;
            var drawn = past.Draw(permit.Request.Likeness);
            combination.Add(source, drawn.Failure is { } failure ? failure : sources.Unknown(permit, source, past, drawn));
        }

        return combination;
    }

    /// <summary>Asks the sources in order until every line is settled or nobody is left to ask.</summary>
    /// <param name="entitlement">What is allowed.</param>
    /// <param name="works">The lines.</param>
    /// <param name="turn">The chunk's turn, given back while it waits.</param>
    /// <param name="mayAsk">Is it still? A chunk waits for the provider's pace, and many single questions take their time.</param>
    /// <param name="cancellation">The owner cancelled.</param>
    public async Task AskAsync(
        Entitlement entitlement,
        List<BatchLineWork> works,
        Turn turn,
        Func<bool> mayAsk,
        CancellationToken cancellation
    )
    {
        foreach (var source in entitlement.Grant.Sources)
        {
            var open = works.FindAll(work => work.Next?.Code == source.Code);
            if (open.Count == 0)
                continue;
            var provider = entitlement.Registry.Institutions[source.Institution];
            if (provider.Provider!.RatePerSecond is > 0 and var rate)
            {
                var pace = _paces.GetOrAdd((provider.Id, rate), static (key, clock) => new Pace(key.PerSecond, clock), time);
                await turn.Outside(pace.WaitAsync(entitlement.Caller.Client.Id, open.Count, cancellation));
            }

            if (!mayAsk())
                return;
            if (provider.Provider.Bulk == "chunk" && entitlement.Operation.ProviderChunkPath is not null)
                await AskChunkAsync(entitlement, source, provider, open, turn, mayAsk, cancellation);
            else
                await turn.Outside(AskSinglyAsync(source, open, mayAsk, cancellation));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var pace in _paces.Values)
            pace.Dispose();
    }

    private async ValueTask<int> AskSinglyAsync(Source source, List<BatchLineWork> open, Func<bool> mayAsk, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation };
        await Parallel.ForEachAsync(open, options, async (work, token) =>
        {
            if (!mayAsk())
                return;
            work.Combination!.Add(source, await sources.AskAsync(work.Permit!, source, work.Facts, Languages.Default, mayAsk, token));
        });
        return open.Count;
    }

    private async Task AskChunkAsync(
        Entitlement entitlement,
        Source source,
        Institution provider,
        List<BatchLineWork> open,
        Turn turn,
        Func<bool> mayAsk,
        CancellationToken cancellation
    )
    {
        if (legs.Of(entitlement, source) is not { } leg)
        {
            foreach (var work in open)
                work.Combination!.Add(source, SourceCalls.LegNotInForce(source));
            return;
        }

        var terms = open.ToDictionary(
            static work => work.Line.Reference,
            work => (Work: work, Terms: sources.LegTermsOf(work.Permit!, source, provider, Languages.Default, work.Line)),
            StringComparer.Ordinal
        );
        var body = new ArrayBufferWriter<byte>(open.Count * 192);
        var (sent, hidden) = (new List<BatchLineWork>(open.Count), new List<BatchLineWork>());
        foreach (var (work, line) in terms.Values)
        {
            if (line is null)
            {
                work.Combination!.Add(source, SourceCalls.NotIdentified(source));
                continue;
            }

            if (work.Permit!.Obligations.HiddenRule is not null)
            {
                hidden.Add(work);
                continue;
            }

            work.Permit!.Request.WriteTo(body, line.Sent);
            body.Write("\n"u8);
            sent.Add(work);
        }

        // Of whom the provider has no identifier it is not asked, nor do their records say so.
        if (sent.Count + hidden.Count == 0)
            return;
        var (began, past) = (time.GetTimestamp(), pasts.Of(entitlement, source));
        // A chunk of nobody but persons who must look unknown does not leave.
        var pretence =
            sent.Count > 0
                ? null
                : new Pretence(began, () =>
                    past!.Draw(hidden[0].Permit!.Request.Likeness) is var drawn ? (drawn.Wait, drawn.Failure) : default
                );
        bool MayLeave() => mayAsk() && legs.Of(entitlement, source) is not null;
        var question = QuestionOf(entitlement, leg, provider, body.WrittenMemory, MayLeave);
        var asked = await turn.Outside(calls.AskAsync(question, pretence, cancellation));
        Note(sent, source, provider, leg, asked);
        Note(hidden, source, provider, leg, asked with { Sent = false });
        var took = time.GetElapsedTime(began) - asked.Waited;
        if (!asked.Verdict.Allows(out var answer, out var refusal))
        {
            // Whether anybody was asked is told of all alike; what was only drawn says it of those about whom somebody was.
            if (pretence is null)
                refusal = refusal with { Asked = asked.Sent };
            // What fails for a chunk fails for all who are in it.
            foreach (var work in sent.Concat(hidden))
                work.Combination!.Add(source, refusal);
            if (asked is { TellsOfSource: true, Tries: > 0 })
                past?.Failed([.. sent.Select(static work => RealQuestion.Of(work.Permit!))], took, refusal, SourcePast.IsGeneral(asked));
            return;
        }

        using (answer)
            if (sent.Count > 0)
                Distribute(
                    source,
                    plans.Of(entitlement.Operation, leg.Operation, entitlement.Registry),
                    sent.ConvertAll(work => (work, terms[work.Line.Reference].Terms!)),
                    answer,
                    (past, took, asked, time.GetUtcNow())
                );
        foreach (var work in hidden)
        {
            var drawn = past!.Draw(work.Permit!.Request.Likeness);
            work.Combination!.Add(source, drawn.Failure is { } failure ? failure : sources.Unknown(work.Permit, source, past, drawn));
        }
    }

    private static void Distribute(
        Source source,
        IMinimizer minimizer,
        List<(BatchLineWork Work, ReleaseTerms Terms)> lines,
        Answer answer,
        (SourcePast? Past, TimeSpan Took, Asked Asked, DateTimeOffset At) call
    )
    {
        var asked = lines.Select(static line => line.Work.Line.Reference).ToHashSet(StringComparer.Ordinal);
        var (split, sound) = (ChunkAnswer.Split(answer.Body, asked.Contains), true);
        foreach (var (work, terms) in lines)
        {
            Verdict<SourceAnswer> said = split.TryGetValue(work.Line.Reference, out var line)
                ? minimizer.Read(terms with { Now = call.At }, line)
                : new Refusal(Problem.ProviderInvalidAnswer)
                {
                    Provider = source.Institution,
                    Words = [source.Institution],
                    Reason = "no line, or more than one, for a reference",
                };
            sound &= said.Refusal is null;
            if (said.Refusal is { } fault)
                said = fault with { Asked = true };
            work.Combination!.Add(source, said);
            call.Past?.Note(RealQuestion.Of(work.Permit!), call.Took, said, call.Asked);
        }

        if (sound)
            answer.Trust();
    }

    private Question QuestionOf(
        Entitlement entitlement,
        GrantMatch leg,
        Institution provider,
        ReadOnlyMemory<byte> body,
        Func<bool> mayLeave
    ) =>
        new(
            provider,
            new Uri($"{provider.Provider!.BaseAddress.ToString().TrimEnd('/')}{entitlement.Operation.ProviderChunkPath}"),
            body,
            "application/x-ndjson",
            "application/x-ndjson",
            Ulid.New(time),
            entitlement.Caller.Institution.Id,
            entitlement.Operation.Id,
            leg.Agreement.Reference,
            entitlement.Grant.Purpose,
            CaseReference: null,
            LargestAnswer,
            ChunkTimeout,
            ChunkTimeout,
            IsRead: entitlement.Operation.AuditClass != AuditClass.Write,
            Salt: null
        )
        {
            MayLeave = mayLeave,
            Client = entitlement.Caller.Client.Id,
            IsBulk = true,
        };

    private static void Note(List<BatchLineWork> open, Source source, Institution provider, GrantMatch leg, Asked asked)
    {
        var note = SourceCalls.Noted(provider, source, leg, asked, salt: null);
        foreach (var work in open)
            work.Facts.Legs = work.Facts.Legs.Add(note);
    }
}

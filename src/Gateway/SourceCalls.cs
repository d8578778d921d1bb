using Agreements;
using Agreements.Contracts;
using Agreements.Identifiers;
using Gateway.Audit;
using Gateway.Authorization;
using Gateway.Forwarding;
using Gateway.Hiding;
using Gateway.Minimization;
using Gateway.Observability;
using Gateway.Problems;
using Gateway.Requests;
using Ledger.Subjects;

namespace Gateway;

/// <summary>
/// Steps 5 and 6 for one source: decides the leg under the agreement that covers it, asks, and minimizes what came back. A leg that
/// fails in any way "did not answer": it can never turn into a negative.
/// </summary>
internal sealed class SourceCalls(
    ProviderCalls calls,
    ReleasePlans plans,
    SourcePasts pasts,
    GatewayOptions options,
    GatewayMeters meters,
    Legs legs,
    TimeProvider time
)
{
    // What our own steps take at most of the time that a source is promised, without its silence becoming our fault.
    private const double FullShare = 0.9;

    /// <summary>Begins with nobody asked.</summary>
    public Combination Begin(Permit permit) => new(permit.Entitlement.Grant.Sources, ReleasePlans.StatusOf(permit.Entitlement));

    /// <summary>Asks one source; about a person who must look unknown, nobody, and comes to what would have become of it.</summary>
    /// <param name="permit">The decision about the person.</param>
    /// <param name="source">Source.</param>
    /// <param name="facts">What is known of the exchange; takes the leg.</param>
    /// <param name="language">Language of texts.</param>
    /// <param name="mayAsk">Is it still allowed? Asked once more when the question has its seat.</param>
    /// <param name="cancellation">The caller left, or the gateway stops.</param>
    public async ValueTask<Verdict<SourceAnswer>> AskAsync(
        Permit permit,
        Source source,
        ExchangeFacts facts,
        string language,
        Func<bool> mayAsk,
        CancellationToken cancellation
    )
    {
        var entitlement = permit.Entitlement;
        if (legs.Of(entitlement, source) is not { } leg)
            return LegNotInForce(source);
        var left = permit.Obligations.Deadline - time.GetElapsedTime(facts.ArrivedAt);
        if (facts.Batch is null && left < Question.TooLate)
            return new Refusal(Problem.Overloaded)
            {
                RetryAfterSeconds = 1,
                IsNotAsked = true,
                Reason = "deadline nearly spent",
            };
        var provider = entitlement.Registry.Institutions[source.Institution];
        var terms = LegTermsOf(permit, source, provider, language);
        if (terms is null)
            return NotIdentified(source);
        var began = time.GetTimestamp();
        bool MayLeave() => mayAsk() && legs.Of(entitlement, source) is not null;
        var question = QuestionOf(permit, provider, leg, terms, facts, left, options.SourceTimeout, MayLeave);
        if (permit.Obligations.HiddenRule is not null)
            return await PretendAsync(permit, source, leg, question, facts, began, cancellation);
        var asked = await calls.AskAsync(question, pretence: null, cancellation);
        facts.Legs = facts.Legs.Add(Noted(provider, source, leg, asked, question.Salt));
        var verdict = ReadAnswer(entitlement, leg, terms, asked.Verdict);
        if (verdict.Refusal is { } failure)
            verdict = failure with { Asked = asked.Sent };
        if (!asked.TellsOfSource)
            return verdict;
        meters.Asked(provider.Id, verdict.Refusal?.Problem.Code ?? "answered", TimeSpan.FromMilliseconds(asked.Milliseconds));
        if (verdict.Allows(out var answer, out _))
            meters.Undeclared(provider.Id, answer.Undeclared);
        pasts.Of(entitlement, source)?.Note(RealQuestion.Of(permit), time.GetElapsedTime(began) - asked.Waited, verdict, asked);
        return verdict;
    }

    // One path for both, up to the point where the question would leave: nothing about the person does, and the caller cannot tell.
    private async ValueTask<Verdict<SourceAnswer>> PretendAsync(
        Permit permit,
        Source source,
        GrantMatch leg,
        Question question,
        ExchangeFacts facts,
        long began,
        CancellationToken cancellation
    )
    {
        var past = pasts.Of(permit.Entitlement, source)!;
        Drawn? drawn = null;
        var asked = await calls.AskAsync(
            question,
            new Pretence(began, () => ((drawn = past.Draw(permit.Request.Likeness)).Wait, drawn.Failure)),
            cancellation
        );
        facts.Legs = facts.Legs.Add(Noted(question.Provider, source, leg, asked, salt: null));
        return asked.Verdict.Refusal is { } refusal ? refusal : Unknown(permit, source, past, drawn!);
    }

    /// <summary>What a source would say of a person whom it does not know.</summary>
    public SourceAnswer Unknown(Permit permit, Source source, SourcePast past, Drawn drawn)
    {
        var (today, season) = (CivilTime.Today(time), SeasonOf(permit, source));
        return drawn.Said is not { } said ? SourceAnswer.Unknown(source.Code, past.LatestData ?? CivilTime.StartOf(today), season, today)
            : said.MatchStatus == MatchStatus.NotFound
                ? SourceAnswer.Unknown(source.Code, said.AsOf, SourceAnswer.Ahead(said.ReliableFrom, season, today), today)
            : said;
    }

    /// <summary>What the sources said together, written as what leaves.</summary>
    public Verdict<Disclosure> Conclude(Permit permit, Combination combination, string language, AnswerLine? line = null)
    {
        if (!combination.Conclude().Allows(out var combined, out var refusal))
            return refusal with { Clause = permit.Entitlement.Clause };
        var entitlement = permit.Entitlement;
        var provider = entitlement.Registry.Institutions[entitlement.Grant.Sources[0].Institution];
        var terms = TermsOf(permit, entitlement.Grant.Sources[0], provider, AskedOf(permit.Person), language, line);
        if (!Released(entitlement, combined.Answer.Source).Allows(out var granted, out refusal))
            return refusal;
        return plans.Of(entitlement.Operation, granted, entitlement.Registry).Write(terms, combined);
    }

    // The agreement of a leg may have got narrower since its source answered: what leaves is within both. In FHIR nothing can be taken out
    // of what was read.
    private Verdict<GrantedOperation> Released(Entitlement entitlement, string code)
    {
        if (legs.AreOfNow(entitlement))
            return entitlement.Granted;
        var source = entitlement.Grant.Sources.First(source => source.Code == code);
        var (before, now) = (legs.Then(entitlement, source), legs.Of(entitlement, source));
        if (now is null || ReferenceEquals(before?.Operation, now.Operation))
            return entitlement.Granted;
        if (entitlement.Operation.Protocol == OperationProtocol.Fhir)
            return LegNotInForce(source) with { Asked = true };
        return entitlement.Granted.Within(now.Operation);
    }

    /// <summary>
    /// Why what the sources said may be released no longer: one that answered, or the agreement under which it did, was stopped meanwhile.
    /// Null while it may. A person who only looks unknown is answered by every source that would have been asked, and so is judged alike.
    /// </summary>
    /// <param name="anew">What is allowed now; null when nothing has changed since the sources were asked.</param>
    /// <param name="combination">What they said.</param>
    public Refusal? Lapsed(Entitlement? anew, Combination combination)
    {
        foreach (var source in anew?.Grant.Sources ?? [])
            if (combination.IsAnsweredBy(source) && legs.Of(anew!, source) is null)
                return LegNotInForce(source) with { Asked = true };
        return null;
    }

    /// <summary>What the record says of a leg.</summary>
    public static Leg Noted(Institution provider, Source source, GrantMatch leg, Asked asked, byte[]? salt) =>
        new(
            provider.Id,
            source.Code,
            asked.Status,
            asked.Milliseconds,
            source.Under is null ? null : leg.Agreement.Reference,
            salt is not null && asked.Verdict.Allows(out var answer, out _) ? SaltedDigest.Compute(salt, answer.Body.Span) : null,
            asked.Sent,
            asked.Tries
        );

    /// <summary>A leg whose agreement is not in force counts as "did not answer" (exchanges page, section 1.7).</summary>
    public static Refusal LegNotInForce(Source source) =>
        new(Problem.ProviderUnavailable)
        {
            Provider = source.Institution,
            Words = [source.Institution],
            IsNotAsked = true,
            Reason = "the agreement of this leg is not in force",
        };

    /// <summary>
    /// A source that takes an identifier which cannot be made of this person's: such a grant does not load, and whoever was not asked has
    /// not said no.
    /// </summary>
    public static Refusal NotIdentified(Source source) =>
        new(Problem.ProviderUnavailable)
        {
            Rule = "FWD-07",
            Provider = source.Institution,
            Words = [source.Institution],
            IsNotAsked = true,
            Reason = "no identifier that this source takes can be made",
        };

    private static Verdict<SourceAnswer> Reading(IMinimizer minimizer, ReleaseTerms terms, Answer answer) =>
        answer.PersonUnknown
            ? SourceAnswer.Unknown(terms.Source, asOf: null, terms.ReliableFrom, terms.Today)
            : minimizer.Read(terms, answer.Body);

    private Verdict<SourceAnswer> ReadAnswer(Entitlement entitlement, GrantMatch leg, ReleaseTerms terms, Verdict<Answer> asked)
    {
        if (!asked.Allows(out var answer, out var refusal))
            return refusal;
        using (answer)
        {
            // What it says of times is compared with the time at which it came.
            var read = Reading(
                plans.Of(entitlement.Operation, leg.Operation, entitlement.Registry),
                terms with
                {
                    Now = time.GetUtcNow(),
                },
                answer
            );
            if (read.Refusal is null)
                answer.Trust();
            return read;
        }
    }

    /// <summary>
    /// The terms of a leg; null when the provider takes a scheme that this person's identifier cannot be turned into (rule FWD-07).
    /// </summary>
    public ReleaseTerms? LegTermsOf(Permit permit, Source source, Institution institution, string language, AnswerLine? line = null) =>
        SentTo(institution.Provider!, permit.Person, permit.Entitlement.Operation.Sector) is { } sent
            ? TermsOf(permit, source, institution, sent, language, line)
            : null;

    private static DataSubject AskedOf(Person person) => new(person.Scheme, person.Value);

    private static DataSubject? SentTo(Provider provider, Person person, string sector) =>
        !IdentifierScheme.CanBecome(person.Scheme, provider.IdentifierScheme, sector)
            ? null
            : new DataSubject(provider.IdentifierScheme, provider.IdentifierScheme == "sector-token" ? person.SectorToken : person.Value);

    private ReleaseTerms TermsOf(Permit permit, Source source, Institution institution, DataSubject sent, string language, AnswerLine? line)
    {
        var (provider, grant) = (institution.Provider!, permit.Entitlement.Grant);
        return new ReleaseTerms
        {
            Source = source.Code,
            Provider = institution.Id,
            Sent = sent,
            Asked = AskedOf(permit.Person),
            Question = permit.Request,
            Now = time.GetUtcNow(),
            Today = CivilTime.Today(time),
            ReliableFrom = SeasonOf(permit, source),
            Freshness = grant.Freshness,
            MaxAnswerBytes = permit.Obligations.MaxAnswerBytes,
            RefuseUndeclared = provider.RefuseUndeclared,
            Fields = permit.Request.Fields,
            Language = language,
            GatewayBase = options.Resource,
            Fhir = provider.Fhir,
            NotFoundAtMidnight = !permit.Entitlement.Caller.IsAgency,
            Line = line,
        };
    }

    private static Question QuestionOf(
        Permit permit,
        Institution provider,
        GrantMatch leg,
        ReleaseTerms terms,
        ExchangeFacts facts,
        TimeSpan left,
        TimeSpan most,
        Func<bool> mayLeave
    )
    {
        // A line that is asked about by itself is a single question to its source, however it came.
        var (operation, registry) = (permit.Entitlement.Operation, permit.Entitlement.Registry);
        if (operation.BatchOf is { } single)
            operation = registry.Operations[single];
        var fhir = operation.Protocol == OperationProtocol.Fhir;
        // A line waits for its seat as long as its batch runs; its time begins with the call.
        var isLine = facts.Batch is not null;
        var deadline = isLine ? permit.Obligations.Deadline : left;
        var promised = permit.Obligations.Deadline < most ? permit.Obligations.Deadline : most;
        return new Question(
            provider,
            AddressOf(provider.Provider!, operation),
            fhir ? permit.Request.FormFor(terms.Sent, provider.Provider!.Fhir!) : permit.Request.BodyFor(terms.Sent),
            fhir ? "application/x-www-form-urlencoded" : "application/json",
            fhir ? "application/fhir+json" : "application/json",
            facts.Id,
            permit.Entitlement.Caller.Institution.Id,
            operation.Id,
            leg.Agreement.Reference,
            permit.Entitlement.Grant.Purpose,
            permit.Entitlement.Grant.ForwardCaseReference ? facts.CaseReference : null,
            permit.Obligations.MaxAnswerBytes,
            deadline < most ? deadline : most,
            promised * FullShare,
            operation.AuditClass != AuditClass.Write,
            provider.Provider!.Receipts ? facts.Salt : null
        )
        {
            MayLeave = mayLeave,
            Client = permit.Entitlement.Caller.Client.Id,
            IsBulk = isLine,
            Deadline = isLine ? null : left,
        };
    }

    private static Uri AddressOf(Provider provider, Operation operation)
    {
        if (operation.Protocol == OperationProtocol.Fhir)
            return new Uri($"{provider.Fhir!.Base.ToString().TrimEnd('/')}/{operation.FhirType}/_search");
        return new Uri(
            $"{provider.BaseAddress.ToString().TrimEnd('/')}{provider.Paths.GetValueOrDefault(operation.Id, operation.ProviderPath)}"
        );
    }

    private static DateOnly? SeasonOf(Permit permit, Source source)
    {
        if (permit.Request.SchoolYear is not { } year)
            return null;
        var provider = permit.Entitlement.Registry.Institutions[source.Institution].Provider!;
        foreach (var known in provider.Sources)
            if (known.Code == source.Code)
                return known.Seasons.TryGetValue(year, out var from) ? from : null;
        return null;
    }
}

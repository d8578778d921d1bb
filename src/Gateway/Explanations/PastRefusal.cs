using System.Text.Json;
using Agreements;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Problems;
using Gateway.Proofs;
using Gateway.Requests;

namespace Gateway.Explanations;

/// <summary>A refusal as its record tells it, in the words of the law.</summary>
/// <param name="ExchangeId">Exchange that was refused.</param>
/// <param name="At">When the record was sealed.</param>
/// <param name="Operation">Operation asked for; null when none was known.</param>
/// <param name="Purpose">Purpose of the token; null before authentication.</param>
/// <param name="Agreement"><c>id@version</c> of the token; null before authentication.</param>
/// <param name="Policy">Digest of the law that decided.</param>
/// <param name="Refusal">Why.</param>
internal sealed record PastRefusal(
    string ExchangeId,
    DateTimeOffset At,
    string? Operation,
    string? Purpose,
    string? Agreement,
    string Policy,
    Refusal Refusal
)
{
    /// <summary>Does it say something about a person? Then whoever comes for it must be allowed to ask about that person still.</summary>
    public bool IsAboutPerson => RefusalKind.IsPersonal(Refusal);

    /// <summary>
    /// Reads a record; null unless it is a refusal of this very client, under the agreement and for the purpose of its token.
    /// </summary>
    /// <param name="text">Bytes of the record.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="registry">The law now: words that it does not know any more are left out.</param>
    public static PastRefusal? Read(ReadOnlyMemory<byte> text, Caller caller, Registry registry)
    {
        using var document = JsonDocument.Parse(text);
        var record = document.RootElement;
        if (Text("ev") is not ("deny" or "fault") || Text("org") != caller.Institution.Id || Text("cli") != caller.Client.Id)
            return null;
        if (Text("id") is not { } id || Text("code") is not { } code || !Problem.ByCode.TryGetValue(code, out var problem))
            return null;
        var grounds = RecordGrounds.Of(record);
        if (!grounds.Fit(caller, registry))
            return null;
        var (agreement, purpose, operation) = grounds;
        var refusal = new Refusal(problem) { Rule = Text("rule") ?? problem.Rule, Errors = RecordErrors.Read(record) };
        if (problem.Status < 500)
            refusal = Worded(refusal, registry, caller, operation, purpose, agreement);
        return new PastRefusal(id, record.GetProperty("ts").GetDateTimeOffset(), operation, purpose, agreement, Text("pol") ?? "", refusal);

        string? Text(string name) =>
            record.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
    }

    // Only what is a word of the law today is said again: a token's own words may have been anything.
    private static Refusal Worded(Refusal refusal, Registry registry, Caller caller, string? operation, string? purpose, string? reference)
    {
        if (reference?.Split('@')[0] is not { } id || !registry.Agreements.TryGetValue(id, out var agreement))
            return refusal;
        if (operation is null || !registry.Operations.ContainsKey(operation) || purpose is null || !registry.Purposes.ContainsKey(purpose))
            (operation, purpose) = (null, null);
        // The article of another version of the agreement may stand elsewhere.
        var grant =
            operation is not null && agreement.Reference == reference
                ? registry.FindGrant(id, caller.Institution.Id, purpose!, operation)?.Grant
                : null;
        return (refusal.Rule[..3], refusal.Problem.Code) switch
        {
            (_, "header-invalid" or "request-malformed")
                when refusal.Errors is [var error, ..] && CallHeaders.Names.Contains(error.Pointer, StringComparer.Ordinal) => refusal with
                {
                    Words = [error.Pointer],
                },
            ("AGR", "prior-authorization-missing") when purpose is not null => refusal with
            {
                Clause = Clause(),
                Words = [reference, purpose],
            },
            ("AGR", _) => refusal with { Clause = reference, Words = [reference] },
            ("PER", "operation-not-covered") when operation is not null => refusal with
            {
                Clause = reference,
                Words = [reference, operation],
                Missing = [operation],
            },
            ("PER", "purpose-not-covered") when operation is not null => refusal with
            {
                Clause = reference,
                Words = [reference, operation, purpose!],
                Missing = [purpose!],
            },
            ("PER", "field-not-allowed") when operation is not null => refusal with { Clause = Clause(), Words = [reference, operation] },
            ("PER", "operation-disabled") when operation is not null => refusal with { Words = [operation] },
            ("PER", "outside-hours") or ("QUO", _) => refusal with { Clause = Clause(), Words = [reference] },
            ("PER", _) => refusal with { Clause = Clause() },
            _ => refusal,
        };

        string Clause() => grant is null ? reference : $"{reference} {grant.Clause}";
    }
}

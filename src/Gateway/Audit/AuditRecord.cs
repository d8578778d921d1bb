using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Ledger;
using Ledger.Subjects;

namespace Gateway.Audit;

/// <summary>What came out of an exchange, as its record states it.</summary>
internal readonly record struct Outcome
{
    /// <summary>permit, deny or fault.</summary>
    public required string Result { get; init; }

    /// <summary>HTTP status to be sent.</summary>
    public required int Status { get; init; }

    /// <summary>Problem code of a refusal.</summary>
    public string? Code { get; init; }

    /// <summary>Rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>What was wrong with the request; an explanation of the refusal repeats it.</summary>
    public ImmutableArray<RequestError> Errors { get; init; }

    /// <summary>provider or gateway, for faults.</summary>
    public string? By { get; init; }

    /// <summary>matchStatus of the answer.</summary>
    public string? Match { get; init; }

    /// <summary>Released paths present in the answer.</summary>
    public ImmutableArray<string> Released { get; init; }

    /// <summary>Declared paths that were stripped.</summary>
    public ImmutableArray<string> Stripped { get; init; }

    /// <summary>Undeclared members.</summary>
    public int Undeclared { get; init; }

    /// <summary>Bytes of the body to be sent.</summary>
    public int Length { get; init; }

    /// <summary>Salted digest of that body.</summary>
    public string? ResponseDigest { get; init; }

    /// <summary>Milliseconds from arrival to sealing.</summary>
    public int TotalMilliseconds { get; init; }
}

/// <summary>Figures of a batch event; what is 0 or null is left out.</summary>
/// <param name="Lines">Lines of the batch.</param>
/// <param name="Bytes">Bytes of the results.</param>
/// <param name="Status">HTTP status to be sent.</param>
/// <param name="Digest">Salted digest of what is sent.</param>
internal readonly record struct BatchSize(int Lines, long Bytes, int Status, string? Digest);

/// <summary>
/// Writes records as ledger page section 3 lays them down: one JSON object, ASCII, members in the order of section 3.2, nothing
/// empty. The bytes made here are the bytes hashed and kept; nobody serialises a record again.
/// </summary>
internal static class AuditRecord
{
    private const int MostPaths = 64,
        MostStripped = 32;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>The record of an answer, a refusal or a fault.</summary>
    /// <param name="kind">access, deny or fault.</param>
    /// <param name="facts">What was known.</param>
    /// <param name="outcome">What came out.</param>
    /// <param name="keys">Keys of the subjects' pseudonyms.</param>
    /// <param name="now">Time of sealing.</param>
    public static ReadOnlyMemory<byte> Write(string kind, ExchangeFacts facts, in Outcome outcome, SubjectKeys keys, DateTimeOffset now)
    {
        var json = Begin(kind, facts.Id, now);
        Text(json, "ref", facts.About);
        if (kind == "fault")
            Text(json, "by", outcome.By);
        Who(json, facts);
        var period = keys.Current();
        Why(json, facts, period);
        Whom(json, facts, period);
        What(json, facts, outcome);
        return End(json);
    }

    /// <summary>
    /// The hidden truth behind an answer NOT_FOUND (ledger page, section 3.4): next index, same group, for officers only.
    /// </summary>
    public static ReadOnlyMemory<byte> WriteDecision(string id, ExchangeFacts facts, string? rule, in Outcome outcome, DateTimeOffset now)
    {
        var json = Begin("decision", id, now);
        json.WriteString("ref", facts.Id);
        Text(json, "gate", facts.Gate);
        json.WriteString("out", rule is null ? "permit" : "deny");
        Text(json, "rule", rule);
        Surplus(json, outcome);
        Sources(json, facts);
        Durations(json, facts, outcome);
        return End(json);
    }

    /// <summary>What is about to be done, sealed before it is: an access without outcome (ledger page, section 3.3).</summary>
    /// <param name="id">Its own id; the record of the outcome refers to it.</param>
    /// <param name="facts">What was known.</param>
    /// <param name="keys">Keys of the pseudonyms.</param>
    /// <param name="now">Time of sealing.</param>
    public static ReadOnlyMemory<byte> WriteIntent(string id, ExchangeFacts facts, SubjectKeys keys, DateTimeOffset now)
    {
        var json = Begin("intent", id, now);
        Text(json, "ref", facts.About);
        Who(json, facts);
        var period = keys.Current();
        Why(json, facts, period);
        Whom(json, facts, period);
        Text(json, "qdig", facts.RequestDigest);
        Text(json, "trace", facts.Trace);
        return End(json);
    }

    /// <summary>An event of a batch (ledger page, section 3.3): accepted, completed, cancelled, purged, read.</summary>
    /// <param name="kind">batch, release.begin or release.end.</param>
    /// <param name="id">The event's own id.</param>
    /// <param name="reference">Id of the batch, when the event is not its acceptance.</param>
    /// <param name="facts">What was known.</param>
    /// <param name="act">What happened.</param>
    /// <param name="size">Figures of the event.</param>
    /// <param name="keys">Keys of the pseudonyms.</param>
    /// <param name="now">Time of sealing.</param>
    public static ReadOnlyMemory<byte> WriteBatch(
        string kind,
        string id,
        string? reference,
        ExchangeFacts facts,
        string? act,
        BatchSize size,
        SubjectKeys keys,
        DateTimeOffset now
    )
    {
        var json = Begin(kind, id, now);
        Text(json, "ref", reference);
        Who(json, facts);
        var period = keys.Current();
        Why(json, facts, period);
        Whom(json, facts, period);
        Text(json, "act", act);
        if (size.Status > 0)
            json.WriteNumber("st", size.Status);
        if (size.Bytes > 0)
            json.WriteNumber("len", size.Bytes);
        Text(json, "qdig", facts.RequestDigest);
        Text(json, "rdig", size.Digest);
        if (size.Lines > 0)
            json.WriteNumber("n", size.Lines);
        Text(json, "trace", facts.Trace);
        return End(json);
    }

    private static Utf8JsonWriter Begin(string kind, string id, DateTimeOffset now)
    {
        _buffer ??= new ArrayBufferWriter<byte>(2048);
        _buffer.ResetWrittenCount();
        _writer ??= new Utf8JsonWriter(_buffer);
        _writer.Reset(_buffer);
        _writer.WriteStartObject();
        _writer.WriteNumber("v", 1);
        _writer.WriteString("ev", kind);
        _writer.WriteString("id", id);
        Span<char> text = stackalloc char[24];
        now.UtcDateTime.TryFormat(text, out _, RecordText.TimeFormat, CultureInfo.InvariantCulture);
        _writer.WriteString("ts", text);
        return _writer;
    }

    private static ReadOnlyMemory<byte> End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        return _buffer!.WrittenSpan.ToArray();
    }

    private static void Who(Utf8JsonWriter json, ExchangeFacts facts)
    {
        if (facts.Caller is { } caller)
        {
            json.WriteString("org", caller.Institution.Id);
            json.WriteString("cli", caller.Client.Id);
        }

        Text(json, "x5t", facts.CertificateThumbprint);
        if (facts.Address is not null)
            json.WriteString("ip", facts.Address.ToString());
        Text(json, "jti", facts.Caller?.TokenId);
        if (facts.Agent is not null)
        {
            json.WriteString("agent", facts.Agent);
            json.WriteString("aal", "stated");
        }

        Text(json, "office", facts.Caller?.Office?.Code);
    }

    private static void Why(Utf8JsonWriter json, ExchangeFacts facts, SubjectKey period)
    {
        Text(json, "op", facts.Operation);
        Text(json, "purp", facts.Caller?.Purpose);
        Text(json, "agr", facts.Entitlement?.Agreement.Reference ?? facts.Caller?.AgreementReference);
        json.WriteString("pol", facts.Registry.Digest);
        Reference(json, "cref", facts, facts.CaseReference, period);
        Reference(json, "cons", facts, facts.ConsentReference, period);
        if (facts.Entitlement is null || !IsSplit(facts))
            Text(json, "gate", facts.Gate);
    }

    private static void Whom(Utf8JsonWriter json, ExchangeFacts facts, SubjectKey period)
    {
        var keyed = facts.Person is not null || facts.CaseReference is not null || facts.ConsentReference is not null;
        if (keyed)
            json.WriteString("sk", period.Period);
        if (facts.Person is { } person)
            json.WriteString("subj", period.Of(person.PseudonymType, person.PseudonymValue));
        if (facts.Batch is { } batch)
        {
            json.WriteStartObject("batch");
            json.WriteString("id", batch.Id);
            json.WriteNumber("line", batch.Line);
            json.WriteEndObject();
        }

        Text(json, "act", facts.Act);
    }

    private static void What(Utf8JsonWriter json, ExchangeFacts facts, in Outcome outcome)
    {
        json.WriteString("out", outcome.Result);
        Text(json, "code", outcome.Code);
        Text(json, "rule", outcome.Rule);
        RecordErrors.Write(json, outcome.Errors);
        Text(json, "match", outcome.Match);
        json.WriteNumber("st", outcome.Status);
        Paths(json, "fld", outcome.Released, MostPaths);
        if (!IsSplit(facts))
            Surplus(json, outcome);
        if (outcome.Length > 0)
            json.WriteNumber("len", outcome.Length);
        Text(json, "qdig", facts.RequestDigest);
        Text(json, "rdig", outcome.ResponseDigest);
        if (!IsSplit(facts))
        {
            Sources(json, facts);
            Durations(json, facts, outcome);
        }

        Text(json, "trace", facts.Trace);
    }

    /// <summary>Are the reasons kept in a second record, because the caller must not learn them?</summary>
    public static bool IsSplit(ExchangeFacts facts) =>
        facts is { Entitlement: { Grant.Population.Gate: not "none" }, Caller.IsAgency: false };

    private static void Surplus(Utf8JsonWriter json, in Outcome outcome)
    {
        Paths(json, "drp", outcome.Stripped, MostStripped);
        if (outcome.Undeclared > 0)
            json.WriteNumber("und", outcome.Undeclared);
    }

    private static void Sources(Utf8JsonWriter json, ExchangeFacts facts)
    {
        if (!facts.Legs.Any(static leg => leg.Sent))
            return;
        json.WriteStartArray("prov");
        foreach (var leg in facts.Legs)
        {
            if (!leg.Sent)
                continue;
            json.WriteStartObject();
            json.WriteString("id", leg.Institution);
            json.WriteString("src", leg.Source);
            if (leg.Status > 0)
                json.WriteNumber("st", leg.Status);
            json.WriteNumber("ms", leg.Milliseconds);
            if (leg.Tries > 1)
                json.WriteNumber("tries", leg.Tries);
            Text(json, "under", leg.Under);
            Text(json, "dig", leg.Digest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Durations(Utf8JsonWriter json, ExchangeFacts facts, in Outcome outcome)
    {
        json.WriteStartArray("ms");
        json.WriteNumberValue(0); // nobody waits for admission: who has no seat is refused at once
        json.WriteNumberValue(ProvidersOf(facts));
        json.WriteNumberValue(outcome.TotalMilliseconds);
        json.WriteEndArray();
    }

    private static int ProvidersOf(ExchangeFacts facts)
    {
        var sum = 0;
        foreach (var leg in facts.Legs)
            sum += leg.Milliseconds;
        return sum;
    }

    private static void Paths(Utf8JsonWriter json, string name, ImmutableArray<string> paths, int most)
    {
        if (paths.IsDefaultOrEmpty)
            return;
        json.WriteStartArray(name);
        for (var i = 0; i < paths.Length && i < most; i++)
            json.WriteStringValue(paths[i]);
        if (paths.Length > most)
            json.WriteStringValue($"+{paths.Length - most}");
        json.WriteEndArray();
    }

    private static void Reference(Utf8JsonWriter json, string name, ExchangeFacts facts, string? value, SubjectKey period)
    {
        if (value is null || facts.Caller is not { } caller)
            return;
        json.WriteString(name, period.Of(name, $"{caller.Institution.Id}:{value}"));
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(name, value);
    }
}

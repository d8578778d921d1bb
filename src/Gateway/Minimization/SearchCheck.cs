using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>
/// Is a resource what was searched for? Some servers ignore parameters that they do not know and answer for everything; a resource that
/// states another code, status or day than was asked is no answer to the question. What it does not state contradicts nothing.
/// </summary>
internal static class SearchCheck
{
    /// <summary>What is wrong with the resource on whose start the reader stands; null when nothing is.</summary>
    public static string? Defect(Utf8JsonReader resource, ReleaseTerms terms)
    {
        if (FhirMeta.IsRecordedAhead(resource, terms))
            return "recorded in the future";
        if (terms.Question?.Search is not { } search)
            return null;
        foreach (var (name, value) in search.Parameters)
            if (name == "date" ? IsAnotherDay(resource, value) : IsAnotherCode(resource, PathOf(search.Type, name), value))
                return "a resource that was not searched for";
        return null;
    }

    // Where a resource states what a parameter searches.
    private static string[] PathOf(FhirType type, string parameter) =>
        parameter switch
        {
            "status" when type.Name == "ImmunizationRecommendation" => ["recommendation", "forecastStatus", "coding"],
            "status" => ["status"],
            "vaccine-type" => ["recommendation", "vaccineCode", "coding"],
            "vaccine-code" => ["vaccineCode", "coding"],
            _ => [parameter, "coding"],
        };

    private static bool IsAnotherCode(Utf8JsonReader resource, string[] path, string value)
    {
        var bar = value.IndexOf('|', StringComparison.Ordinal);
        var said = new Said(bar < 0 ? null : value[..bar], value[(bar + 1)..]);
        Look(ref resource, path, ref said);
        return said is { IsStated: true, IsAsked: false };
    }

    // Arrays are transparent: of several codes one has to be the one that was asked.
    private static void Look(ref Utf8JsonReader reader, ReadOnlySpan<string> path, ref Said said)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                Look(ref reader, path, ref said);
        }
        else if (path.IsEmpty && reader.TokenType == JsonTokenType.String)
        {
            said.Say(said.System, reader.GetString());
        }
        else if (path.IsEmpty && reader.TokenType == JsonTokenType.StartObject)
        {
            Coding(ref reader, ref said);
        }
        else if (!path.IsEmpty && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(path[0]);
                reader.Read();
                if (found)
                    Look(ref reader, path[1..], ref said);
                else
                    reader.Skip();
            }
        }
        else
        {
            reader.Skip();
        }
    }

    private static void Coding(ref Utf8JsonReader reader, ref Said said)
    {
        string? system = null,
            code = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isSystem, isCode) = (reader.ValueTextEquals("system"u8), reader.ValueTextEquals("code"u8));
            reader.Read();
            if (isSystem && reader.TokenType == JsonTokenType.String)
                system = reader.GetString();
            if (isCode && reader.TokenType == JsonTokenType.String)
                code = reader.GetString();
            reader.Skip();
        }

        said.Say(said.System is null ? null : system, code);
    }

    private static bool IsAnotherDay(Utf8JsonReader resource, string value)
    {
        _ = ShapeCheck.TryDate(value.AsSpan(2), out var day);
        while (resource.Read() && resource.TokenType == JsonTokenType.PropertyName)
        {
            var (single, period) = (
                IsDay(ref resource),
                resource.ValueTextEquals("period"u8) || resource.ValueTextEquals("effectivePeriod"u8)
            );
            resource.Read();
            var span =
                single ? FhirDays.Of(ref resource)
                : period ? FhirDays.OfPeriod(resource)
                : null;
            if (span is { } days && days.Contradicts(value[..2], day))
                return true;
            resource.Skip();
        }

        return false;
    }

    private static bool IsDay(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("date"u8) || reader.ValueTextEquals("occurrenceDateTime"u8) || reader.ValueTextEquals("effectiveDateTime"u8);

    // What was asked, and what was seen of it.
    private struct Said(string? system, string code)
    {
        public readonly string? System => system;
        public bool IsStated { get; private set; }
        public bool IsAsked { get; private set; }

        public void Say(string? statedSystem, string? statedCode)
        {
            if (statedCode is null)
                return;
            IsStated = true;
            IsAsked |= statedCode == code && statedSystem == system;
        }
    }
}

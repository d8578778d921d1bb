using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>
/// The days that a FHIR date may mean: a year and a month mean all of theirs, a time means its day and both beside it, since zones differ.
/// </summary>
/// <param name="First">First of them.</param>
/// <param name="Last">Last of them.</param>
internal readonly record struct FhirDays(DateOnly First, DateOnly Last)
{
    /// <summary>The days of the text on which the reader stands; null when it is no date.</summary>
    public static FhirDays? Of(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.GetString() is not { } text)
            return null;
        if (text.Length == 4 && ShapeCheck.TryDate($"{text}-01-01", out var first))
            return new FhirDays(first, first.AddYears(1).AddDays(-1));
        if (text.Length == 7 && ShapeCheck.TryDate($"{text}-01", out first))
            return new FhirDays(first, first.AddMonths(1).AddDays(-1));
        if (text.Length < 10 || !ShapeCheck.TryDate(text.AsSpan(0, 10), out first))
            return null;
        return text.Length == 10
            ? new FhirDays(first, first)
            : new FhirDays(first == DateOnly.MinValue ? first : first.AddDays(-1), first == DateOnly.MaxValue ? first : first.AddDays(1));
    }

    /// <summary>The days of the period on which the reader stands; an end that is not stated is open.</summary>
    public static FhirDays? OfPeriod(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;
        var (first, last) = (DateOnly.MinValue, DateOnly.MaxValue);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (start, end) = (reader.ValueTextEquals("start"u8), reader.ValueTextEquals("end"u8));
            reader.Read();
            if (start && Of(ref reader) is { } begins)
                first = begins.First;
            if (end && Of(ref reader) is { } ends)
                last = ends.Last;
            reader.Skip();
        }

        return new FhirDays(first, last);
    }

    /// <summary>Can none of these days be meant by a search for <paramref name="day"/> with this prefix?</summary>
    public bool Contradicts(string prefix, DateOnly day) =>
        prefix switch
        {
            "eq" => Last < day || First > day,
            "ge" => Last < day,
            "gt" => Last <= day,
            "le" => First > day,
            "lt" => First >= day,
            _ => false,
        };
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Requests;
using Ledger;

namespace Gateway.Explanations;

/// <summary>What is asked of the endpoint: the refusal of an exchange, or a dry run. Exactly one of the two.</summary>
/// <param name="ExchangeId">Exchange that was refused.</param>
/// <param name="DryRun">Call that is not made.</param>
internal sealed record ExplanationRequest(string? ExchangeId, DryRun? DryRun)
{
    private const int MostItems = 64,
        LongestName = 128;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly ImmutableArray<string> Schemes = ["sector-token", "idcs", "household-id"];

    /// <summary>Reads a body; all errors are collected.</summary>
    public static Verdict<ExplanationRequest> Read(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
            return RequestErrors.NotJson("not-utf-8");
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            var errors = new RequestErrors();
            // Whatever is kept outlives the document.
            var read = Read(document.RootElement.Clone(), errors);
            return errors.IsEmpty ? read! : errors.ToRefusal([]);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return RequestErrors.NotJson("not-json");
        }
    }

    private static ExplanationRequest? Read(JsonElement root, RequestErrors errors)
    {
        if (root.ValueKind != JsonValueKind.Object)
            errors.Add("", "wrong-type");
        else if (root.TryGetProperty("exchangeId", out var id))
        {
            errors.AddUnknown("", root, static name => name == "exchangeId");
            if (id.ValueKind == JsonValueKind.String && Ulid.IsValid(id.GetString()))
                return new ExplanationRequest(id.GetString(), DryRun: null);
            errors.Add("/exchangeId", "invalid-format");
        }
        else
            return new ExplanationRequest(ExchangeId: null, ReadDryRun(root, errors));
        return null;
    }

    private static DryRun ReadDryRun(JsonElement root, RequestErrors errors)
    {
        errors.AddUnknown("", root, static name =>
            name is "agreement" or "purpose" or "operation" or "fields" or "headers" or "scheme" or "request"
        );
        var run = new DryRun(Text(root, "agreement", errors), Text(root, "purpose", errors), Text(root, "operation", errors))
        {
            Fields = Texts(root, "fields", errors),
            Headers = Texts(root, "headers", errors),
            Scheme = root.TryGetProperty("scheme", out _) ? Text(root, "scheme", errors) : null,
            Request = root.TryGetProperty("request", out var request) ? request : null,
        };
        for (var i = 0; i < run.Headers.Length; i++)
            if (!CallHeaders.Names.Contains(run.Headers[i], StringComparer.OrdinalIgnoreCase))
                errors.Add($"/headers/{i}", "unknown-header");
        if (run.Scheme is { Length: > 0 } scheme && !Schemes.Contains(scheme, StringComparer.Ordinal))
            errors.Add("/scheme", "identifier-scheme-not-allowed");
        if (run.Request is { } question)
            CheckRequest(question, errors);
        return run;
    }

    // What would name a person has no place here, and the paths have a member of their own.
    private static void CheckRequest(JsonElement request, RequestErrors errors)
    {
        if (request.ValueKind != JsonValueKind.Object)
            errors.Add("/request", "wrong-type");
        else
            errors.AddUnknown("/request", request, static name =>
                name is not ("subject" or "fields" or "reference") && !name.EndsWith(":identifier", StringComparison.Ordinal)
            );
    }

    private static string Text(JsonElement root, string name, RequestErrors errors)
    {
        if (!root.TryGetProperty(name, out var member))
            errors.Add("/" + name, "missing-member");
        else if (member.ValueKind != JsonValueKind.String)
            errors.Add("/" + name, "wrong-type");
        else if (member.GetString() is { Length: > 0 and <= LongestName } text)
            return text;
        else
            errors.Add("/" + name, "invalid-format");
        return "";
    }

    private static ImmutableArray<string> Texts(JsonElement root, string name, RequestErrors errors)
    {
        if (!root.TryGetProperty(name, out var member))
            return [];
        if (member.ValueKind != JsonValueKind.Array)
            errors.Add("/" + name, "wrong-type");
        else if (member.GetArrayLength() > MostItems)
            errors.Add("/" + name, "too-many-items");
        else if (
            !member
                .EnumerateArray()
                .All(static item => item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 and <= LongestName })
        )
            errors.Add("/" + name, "invalid-format");
        else
            return [.. member.EnumerateArray().Select(static item => item.GetString()!)];
        return [];
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Sandbox;
using Sandbox.Persons;

namespace Gateway.Tests.Flow;

/// <summary>Declarations as the agency's systems put them.</summary>
public static class Declare
{
    public const string One = "/dossiers/v1/declarations",
        Many = "/dossiers/v1/declaration-batches",
        Quality = "ASD_CHILD_SCHOOL_AGE";

    /// <summary>A valid identifier of nobody: neither fixture nor pupil, without dossier.</summary>
    public static string Nobody(int number)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"97{number:D7}");
        return digits + Verhoeff.CheckDigit(digits);
    }

    /// <summary>One declaration.</summary>
    public static async Task<Reply> Dossier(
        this Town town,
        object declaration,
        Guid? key = null,
        string purpose = "ASD_SCHOOLING",
        string agreement = "ANSS-MENPS-2026-01",
        string client = "anss-eligibility",
        bool keyed = true
    )
    {
        var token = await town.TokenFor(client, purpose, agreement, "dossiers.declaration.create");
        using var body = new StringContent(
            declaration as string ?? JsonSerializer.Serialize(declaration),
            Encoding.UTF8,
            "application/json"
        );
        return await town.Send(One, body, token, town.ClientAs(client), request =>
        {
            if (keyed)
                request.Headers.Add("Idempotency-Key", (key ?? Guid.CreateVersion7()).ToString());
        });
    }

    /// <summary>Lines of declarations.</summary>
    public static async Task<Reply> Dossiers(this Town town, IEnumerable<object> lines, Guid? key = null)
    {
        var token = await town.TokenFor("anss-batch", "ASD_SCHOOLING", "ANSS-MENPS-2026-01", "dossiers.declaration.batch");
        using var body = new StringContent(
            string.Join('\n', lines.Select(static line => line as string ?? JsonSerializer.Serialize(line))),
            Encoding.UTF8,
            "application/x-ndjson"
        );
        return await town.Send(Many, body, token, town.ClientAs("anss-batch"), request =>
            request.Headers.Add("Idempotency-Key", (key ?? Guid.CreateVersion7()).ToString())
        );
    }

    public static object Open(string idcs, DateOnly from, string province = "06.181.", string quality = Quality) =>
        new
        {
            action = "OPEN",
            subject = Subject(idcs),
            quality,
            from = Day(from),
            province,
        };

    public static object Close(string idcs, DateOnly from, DateOnly to) =>
        new
        {
            action = "CLOSE",
            subject = Subject(idcs),
            quality = Quality,
            from = Day(from),
            to = Day(to),
        };

    public static object Move(string idcs, DateOnly from, string province) =>
        new
        {
            action = "MOVE",
            subject = Subject(idcs),
            quality = Quality,
            from = Day(from),
            province,
        };

    /// <summary>The same as a line.</summary>
    public static object Line(string reference, object declaration)
    {
        var members = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(JsonSerializer.Serialize(declaration))!;
        members["reference"] = JsonSerializer.SerializeToElement(reference);
        return members;
    }

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static object Subject(string idcs) => new { scheme = "idcs", value = idcs };
}

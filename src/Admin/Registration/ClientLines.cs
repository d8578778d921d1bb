using Admin.CommandLine;
using Agreements;
using Agreements.Texts;
using Tokens.Jose;
using Wording;

namespace Admin.Registration;

/// <summary>A registration in words: what it is, what it may ask for today, what ends soon.</summary>
internal static class ClientLines
{
    internal static IEnumerable<string> Of(ClientSheet sheet, Registry registry, Client client, DateOnly today, Terminal terminal)
    {
        var language = terminal.Language;
        yield return terminal.Words(
            "sheet-client",
            client.Names.In(language),
            sheet.Id,
            registry.Institutions[client.Institution].Names.In(language)
        );
        yield return "  " + terminal.Words("sheet-client-state", terminal.Words("state " + sheet.Status), sheet.Auth, sheet.Binding);
        foreach (var key in client.Jwks is null ? [] : KeySet.Parse(client.Jwks).Keys)
        {
            yield return "  " + terminal.Words("sheet-key", key.Kid, key.Alg);
            if (client.KeyValidities.FirstOrDefault(validity => validity.KeyId == key.Kid) is { } validity)
                yield return "    " + terminal.Words("sheet-key-term", validity.From, validity.Until);
        }

        foreach (var rule in sheet.Certificates)
            yield return "  " + terminal.Words("sheet-certificate", rule);
        foreach (var right in RightsOf(registry, client, today, language))
            yield return "  " + terminal.Words("sheet-right", right.Purpose, right.Agreement, right.Operations);
        if (sheet.Rights.IsEmpty)
            yield return "  " + terminal.Words("sheet-no-right");
        foreach (var (key, id, until) in EndsOf(registry, client, today))
        {
            var days = until.DayNumber - today.DayNumber;
            yield return "  ! "
                + (days < 0 ? terminal.Words(key + "-has-ended", id, until) : terminal.Words(key + "-ends", days, id, until));
        }
    }

    private static IEnumerable<(string Purpose, string Agreement, Blank Operations)> RightsOf(
        Registry registry,
        Client client,
        DateOnly today,
        string language
    ) =>
        from right in ClientSheet.RightsOf(registry, client, today)
        select (
            registry.Purposes.GetValueOrDefault(right.Purpose)?.Names.In(language) ?? right.Purpose,
            right.Agreement.Reference,
            Blank.List(right.Operations.Select(operation => FieldTitles.Of(registry, operation, language)))
        );

    private static IEnumerable<(string Key, string Id, DateOnly Until)> EndsOf(Registry registry, Client client, DateOnly today) =>
        [
            .. ClientSheet.EndingKeys(client, today).Select(static key => ("key", key.KeyId, key.Until)),
            .. ClientSheet.EndingAgreements(registry, client, today).Select(static one => ("agreement", one.Reference, one.Until)),
        ];
}

using System.CommandLine;
using Admin.CommandLine;
using Agreements;
using Agreements.Loading;
using Agreements.Texts;

namespace Admin.Conventions;

/// <summary><c>agreement …</c>: from the template to the signature, and what a change would mean.</summary>
internal static class AgreementCommands
{
    internal static readonly Option<string> Contracts = new("--contracts") { Description = "Contracts folder", DefaultValueFactory = _ => "contracts" };

    internal static Command Create(TimeProvider time) => new("agreement", "Writes, checks, compares, signs and replays agreements.")
    {
        NewCommand.Create(time), Show(time), Check(time), Diff(time), SignCommand.Create(time), SuspendRequestCommand.Create(time), ReplayCommand.Create(time), RebuildCommand.Create(time), Ends(time),
    };

    private static Command Show(TimeProvider time)
    {
        var id = new Argument<string>("agreement") { Description = "Agreement id" };
        var html = new Option<string?>("--html") { Description = "fr, ar or en: writes the page that people of a partner read, as the catalogue gives it" }.AcceptOnlyFromAmong([.. ConventionWords.Languages]);
        return new Command("show", "Where an agreement stands and what it grants.") { id, Contracts, html }.Does(time, (parsed, terminal) =>
        {
            var registry = GatewayCtl.Registry(parsed.GetValue(Contracts)!, time);
            if (!registry.Agreements.TryGetValue(parsed.GetValue(id)!, out var agreement)) throw new Declined($"No agreement {parsed.GetValue(id)}");
            if (parsed.GetValue(html) is { } language)
            {
                terminal.Say(ConventionPage.Write(registry, agreement, CivilTime.Today(time), language).TrimEnd());
                return Exit.Ok;
            }

            var sheet = AgreementSheet.Of(registry, agreement, CivilTime.Today(time), terminal.Language);
            foreach (var line in sheet.Lines) terminal.Say(line);
            terminal.Answer(sheet);
            return Exit.Ok;
        });
    }

    private static Command Check(TimeProvider time)
    {
        var draft = new Argument<string?>("draft") { Description = "A draft to judge within the folder; without it the folder as it is", Arity = ArgumentArity.ZeroOrOne };
        const string Does = "Every error of the contracts with file, line, reason and remedy; then where agreements stand, and what ends.";
        return new Command("check", Does) { draft, Contracts, BookOption.File }.Does(time, (parsed, terminal) =>
        {
            var book = BookOption.Read(parsed);
            var load = parsed.GetValue(draft) is { } file
                ? Draft.Read(file, parsed.GetValue(Contracts)!, time, book).Load
                : RegistryLoader.Load(parsed.GetValue(Contracts)!, time, operators: null, book);
            foreach (var error in load.Errors) terminal.Say($"{(error.Severity == LoadSeverity.Error ? "✗" : "!")} {error.File}:{error.Line}: {error.What}\n  → {error.Remedy}");
            var wrong = load.Errors.Count(static error => error.Severity == LoadSeverity.Error);
            var today = CivilTime.Today(time);
            var standings = (load.Registry?.Agreements.Values ?? []).OrderBy(static one => one.Id, StringComparer.Ordinal).Select(one => (one.Reference, Standing: AgreementStatus.StandingOf(load.Registry!, one, today))).ToList();
            foreach (var (reference, standing) in standings) terminal.Say($"  {reference}: {StandingWords.Of(standing, terminal.Language)}");
            var ends = load.Registry is null ? [] : Expiry.AllOf(load.Registry, today);
            foreach (var end in ends) terminal.Say("! " + ExpiryWords.Of(end, terminal.Language));
            BookOption.SayIfNone(book, terminal);
            terminal.Say(wrong > 0 ? "✗ " + ConventionWords.Of("check-wrong", terminal.Language, wrong) : "✓ " + ConventionWords.Of("check-well", terminal.Language, standings.Count));
            terminal.Answer(new
            {
                ok = wrong == 0,
                compared = book is not null,
                errors = load.Errors,
                agreements = standings.Select(static one => new
                {
                    agreement = one.Reference,
                    state = one.Standing.Word,
                    one.Standing.Reason,
                    one.Standing.On,
                    one.Standing.By,
                }),
                ends,
            });
            return wrong > 0 ? Exit.Wrong : Exit.Ok;
        });
    }

    private static Command Diff(TimeProvider time)
    {
        var draft = new Argument<string>("draft") { Description = "File of the draft" };
        return new Command("diff", "In words, what a draft widens or narrows: fields, persons, purposes, volume, territory, dates.") { draft, Contracts }.Does(time, (parsed, terminal) =>
        {
            var read = Draft.Read(parsed.GetValue(draft)!, parsed.GetValue(Contracts)!, time);
            var differences = AgreementDiff.Of(read.InForce, read.Agreement);
            terminal.Say($"{read.InForce?.Reference ?? ConventionWords.Of("none", terminal.Language)} → {read.Agreement.Reference}");
            foreach (var difference in differences.OrderBy(static one => one.Kind)) terminal.Say(DifferenceWords.Of(difference, terminal.Language));
            if (differences.IsEmpty) terminal.Say(ConventionWords.Of("no-difference", terminal.Language));
            terminal.Answer(new { from = read.InForce?.Reference, to = read.Agreement.Reference, widens = differences.Any(static one => one.Kind == DifferenceKind.Widens), differences = differences.Select(one => new { kind = one.Kind.ToString().ToLowerInvariant(), one.Code, one.Where, one.What, one.Before, one.After, words = DifferenceWords.Of(one, terminal.Language) }) });
            return Exit.Ok;
        });
    }

    private static IEnumerable<SeenCertificate> Seen(string file)
    {
        try
        {
            return SeenCertificates.Read(File.ReadAllText(file));
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            throw new Declined($"{file}: {fault.Message}", Exit.Usage);
        }
    }

    private static Command Ends(TimeProvider time)
    {
        var certificates = new Option<string[]>("--certificate") { Description = "A certificate (PEM) to count too; again for each" };
        var seen = new Option<string?>("--seen") { Description = "The gateway's file of certificates that partners have shown (CertificatesSeen)" };
        return new Command("expiry", "What ends within 60, 30 or 7 days: agreements, authorizations, keys, the certificates that are named and those that partners have shown.") { Contracts, certificates, seen }.Does(time, (parsed, terminal) =>
        {
            var today = CivilTime.Today(time);
            var registry = GatewayCtl.Registry(parsed.GetValue(Contracts)!, time);
            var found = Expiry.AllOf(registry, today).ToList();
            if (parsed.GetValue(seen) is { } sightings) found.AddRange(Expiry.Sorted(SeenCertificates.Expiring([.. Seen(sightings).Where(one => registry.Clients.ContainsKey(one.Client))], today)));
            foreach (var file in parsed.GetValue(certificates) ?? [])
                foreach (var certificate in PartnerOptions.Roots(file))
                    using (certificate)
                        if (Expiry.OfCertificate($"{Path.GetFileName(file)} {certificate.Subject}", new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero), today) is { } end) found.Add(end);
            foreach (var end in found.OrderBy(static one => one.Until)) terminal.Say("! " + ExpiryWords.Of(end, terminal.Language));
            if (found.Count == 0) terminal.Say("✓ " + ConventionWords.Of("nothing-ends", terminal.Language));
            terminal.Answer(new { ends = found });
            return found.Exists(static one => one.Days < 0) ? Exit.Wrong : Exit.Ok;
        });
    }
}

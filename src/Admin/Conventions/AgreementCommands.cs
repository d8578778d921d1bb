using System.CommandLine;
using Admin.CommandLine;
using Admin.Texts;
using Agreements;
using Agreements.Loading;
using Agreements.Texts;

namespace Admin.Conventions;

/// <summary><c>agreement …</c>: from the template to the signature, and what a change would mean.</summary>
internal static class AgreementCommands
{
    internal static readonly Option<string> Contracts = new("--contracts") { DefaultValueFactory = _ => "contracts" };

    internal static Command Create(TimeProvider time) =>
        new("agreement")
        {
            NewCommand.Create(time),
            Show(time),
            Check(time),
            Diff(time),
            SignCommand.Create(time),
            SuspendRequestCommand.Create(time),
            ReplayCommand.Create(time),
            RebuildCommand.Create(time),
            Ends(time),
        };

    private static Command Show(TimeProvider time)
    {
        var id = new Argument<string>("agreement");
        var html = new Option<string?>("--html").AcceptOnlyFromAmong([.. ConventionWords.Languages]);
        return new Command("show") { id, Contracts, html }.Does(time, (parsed, terminal) =>
        {
            var registry = GatewayCtl.Registry(parsed.GetValue(Contracts)!, time);
            var agreement = AgreementSheet.Known(registry, parsed.GetValue(id)!);
            if (parsed.GetValue(html) is { } language)
            {
                terminal.Line(ConventionPage.Write(registry, agreement, CivilTime.Today(time), language).TrimEnd());
                return Exit.Ok;
            }

            var sheet = AgreementSheet.Of(registry, agreement, CivilTime.Today(time), terminal.Language);
            foreach (var line in sheet.Lines)
                terminal.Line(line);
            terminal.Answer(sheet);
            return Exit.Ok;
        });
    }

    private static Command Check(TimeProvider time)
    {
        var draft = new Argument<string?>("draft") { Arity = ArgumentArity.ZeroOrOne };
        return new Command("check") { draft, Contracts, BookOption.File }.Does(time, (parsed, terminal) =>
        {
            var book = BookOption.Read(parsed);
            if (!Directory.Exists(parsed.GetValue(Contracts)))
                throw Declined.Usage("no-contracts", parsed.GetValue(Contracts)!);
            var load = parsed.GetValue(draft) is { } file
                ? Draft.Read(file, parsed.GetValue(Contracts)!, time, book).Load
                : RegistryLoader.Load(parsed.GetValue(Contracts)!, time, operators: null, book);
            foreach (var error in load.Errors)
                Tell(error, terminal);
            var wrong = load.Errors.Count(static error => error.Severity == LoadSeverity.Error);
            var today = CivilTime.Today(time);
            var standings = (load.Registry?.Agreements.Values ?? [])
                .OrderBy(static one => one.Id, StringComparer.Ordinal)
                .Select(one => (one.Reference, Standing: AgreementStatus.StandingOf(load.Registry!, one, today)))
                .ToList();
            foreach (var (reference, standing) in standings)
                terminal.Under("agreement-stands", reference, StandingWords.Of(standing, terminal.Language, load.Registry));
            var ends = load.Registry is null ? [] : Expiry.AllOf(load.Registry, today);
            foreach (var end in ends)
                terminal.Line("! " + ExpiryWords.Of(end, terminal.Language));
            BookOption.SayIfNone(book, terminal);
            terminal.Line(
                wrong > 0
                    ? "✗ " + ConventionWords.Of("check-wrong", terminal.Language, wrong)
                    : "✓ " + ConventionWords.Of("check-well", terminal.Language, standings.Count)
            );
            terminal.Answer(
                new
                {
                    ok = wrong == 0,
                    compared = book is not null,
                    errors = load.Errors.Select(LoadWords.Answer),
                    agreements = standings.Select(static one => new
                    {
                        agreement = one.Reference,
                        state = one.Standing.Word,
                        one.Standing.Reason,
                        one.Standing.On,
                        one.Standing.By,
                    }),
                    ends,
                }
            );
            return wrong > 0 ? Exit.Wrong : Exit.Ok;
        });
    }

    private static void Tell(LoadError error, Terminal terminal)
    {
        terminal.Line((error.Severity == LoadSeverity.Error ? "✗ " : "! ") + LoadWords.What(error, terminal.Language));
        terminal.Under("what-to-do", LoadWords.Remedy(error, terminal.Language));
    }

    private static Command Diff(TimeProvider time)
    {
        var draft = new Argument<string>("draft");
        return new Command("diff") { draft, Contracts }.Does(time, (parsed, terminal) =>
        {
            var read = Draft.Read(parsed.GetValue(draft)!, parsed.GetValue(Contracts)!, time);
            var differences = AgreementDiff.Of(read.InForce, read.Agreement);
            if (read.InForce is { } now)
                terminal.Say("diff-between", now.Reference, read.Agreement.Reference);
            else
                terminal.Say("diff-new", read.Agreement.Reference);
            foreach (var difference in differences.OrderBy(static one => one.Kind))
                terminal.Line(DifferenceWords.Of(difference, terminal.Language, read.Registry));
            if (differences.IsEmpty)
                terminal.Line(ConventionWords.Of("no-difference", terminal.Language));
            terminal.Answer(
                new
                {
                    from = read.InForce?.Reference,
                    to = read.Agreement.Reference,
                    widens = differences.Any(static one => one.Kind == DifferenceKind.Widens),
                    differences = differences.Select(one => new
                    {
                        kind = one.Kind.ToString().ToLowerInvariant(),
                        one.Code,
                        one.Where,
                        one.What,
                        one.Before,
                        one.After,
                        words = DifferenceWords.Of(one, terminal.Language, read.Registry),
                    }),
                }
            );
            return Exit.Ok;
        });
    }

    private static IEnumerable<SeenCertificate> Seen(string file, string language)
    {
        try
        {
            return SeenCertificates.Read(File.ReadAllText(file));
        }
        catch (InvalidDataException fault)
        {
            throw Declined.Usage("file-says", file, Faults.Reason(fault, language));
        }
    }

    private static Command Ends(TimeProvider time)
    {
        var certificates = new Option<string[]>("--certificate");
        var seen = new Option<string?>("--seen");
        return new Command("expiry") { Contracts, certificates, seen }.Does(time, (parsed, terminal) =>
        {
            var today = CivilTime.Today(time);
            var registry = GatewayCtl.Registry(parsed.GetValue(Contracts)!, time);
            var found = Expiry.AllOf(registry, today).ToList();
            if (parsed.GetValue(seen) is { } sightings)
                found.AddRange(
                    Expiry.Sorted(
                        SeenCertificates.Expiring(
                            [.. Seen(sightings, terminal.Language).Where(one => registry.Clients.ContainsKey(one.Client))],
                            today
                        )
                    )
                );
            foreach (var file in parsed.GetValue(certificates) ?? [])
                foreach (var certificate in PartnerOptions.Roots(file))
                    using (certificate)
                        if (
                            Expiry.OfCertificate(
                                $"{Path.GetFileName(file)} {certificate.Subject}",
                                new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero),
                                today
                            ) is
                            { } end
                        )
                            found.Add(end);
            foreach (var end in found.OrderBy(static one => one.Until))
                terminal.Line("! " + ExpiryWords.Of(end, terminal.Language));
            if (found.Count == 0)
                terminal.Line("✓ " + ConventionWords.Of("nothing-ends", terminal.Language));
            terminal.Answer(new { ends = found });
            return found.Exists(static one => one.Days < 0) ? Exit.Wrong : Exit.Ok;
        });
    }
}

using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Texts;
using Wording;

namespace Agreements.Tests.Texts.Directions;

/// <summary>
/// Every text, with values of every kind in its blanks, is laid out by an implementation of the bidirectional algorithm that nobody here
/// wrote; its letters must stand on the line in the order that is meant. So must those of every block of every convention's page.
/// </summary>
public sealed partial class DirectionTests
{
    private static readonly long[] Numbers = [0, 1, 2, 3, 10, 11, 99, 100, 101, 103, 111, 1000, 1_000_000];

    // A blank, and what it says to a reader who sees no isolates.
    private static readonly (string Name, Func<string, Blank> Blank)[] Kinds =
    [
        ("an Arabic name", static _ => "الوكالة الوطنية للدعم الاجتماعي (CNSS)"),
        ("a French name", static _ => "Secrétaire générale de l’Agence"),
        ("a code", static _ => "ANSS-MENPS-2026-01@3"),
        ("a date of programs", static _ => "2026-12-31"),
        ("an option", static _ => "--ca"),
        ("a day", static _ => new DateOnly(2027, 8, 31)),
        ("a moment", static _ => new DateTimeOffset(2026, 9, 1, 7, 30, 0, TimeSpan.Zero)),
        ("hours", static language => Days.Hours(new TimeOnly(8, 30), new TimeOnly(16, 30), language)),
        ("a list", static _ => Blank.List(["cnss-eligibility", "وزارة الصحة", "06.181."])),
    ];

    [Fact]
    public async Task Every_text_is_drawn_in_the_order_that_is_meant()
    {
        var cases = Sentences().SelectMany(static text => Cases(text)).ToList();
        Assert.True(cases.Count > 5000, $"only {cases.Count} texts");
        var said = await Layouts.Of([.. cases.Select(static one => new Paragraph(one.Said, DirectionOf(one.Language)))], Numbers);
        var wrong = cases.Select((one, at) => Difference(one.Name, one.Said, one.Meant, said.Places[at])).OfType<string>().ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases.Count}:\n{string.Join('\n', wrong.Take(20))}");
    }

    [Fact]
    public async Task Every_block_of_every_page_is_drawn_in_the_order_that_is_meant()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var blocks = (
            from agreement in registry.Agreements.Values
            from language in Languages.All
            from block in Blocks(ConventionPage.Write(registry, agreement, TheContracts.Today, language))
            select (language, block)
        )
            .Distinct()
            .ToList();
        Assert.True(blocks.Count > 200, $"only {blocks.Count} blocks");
        // Outside what is isolated an Arabic page has Arabic words and plain numbers, which no neighbour can turn round.
        Assert.Empty(
            blocks.Where(static one => one.language == "ar" && Latin().IsMatch(Outside(one.block))).Select(static one => one.block)
        );
        var said = await Layouts.Of([.. blocks.Select(static one => new Paragraph(one.block, DirectionOf(one.language)))], Numbers);
        var wrong = blocks
            .Select((one, at) => Difference("page", one.block, Nested(one.block, one.language), said.Places[at]))
            .OfType<string>()
            .ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {blocks.Count}:\n{string.Join('\n', wrong.Take(20))}");
    }

    [Fact]
    public async Task Plurals_and_months_are_those_that_ICU_knows()
    {
        var known = await Layouts.Of([], Numbers);
        foreach (var (language, knowledge) in known.Languages)
        {
            Assert.Equal(knowledge.Plurals, Numbers.Select(number => Plural.FormOf(number, language)));
            for (var month = 1; month <= 12; month++)
                Assert.Contains(knowledge.Months[month - 1], Days.Say(new DateOnly(2026, month, 15), language), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("من 2026-12-31 إلى 2027-08-31", "اليوم الأخير: من 2026-12-31 إلى 2027-08-31")]
    [InlineData("خيار", "يجب تحديد --ca")]
    public async Task What_is_not_isolated_is_found(string name, string sentence)
    {
        var meant = Meant.Of(sentence, [], "ar");
        var said = await Layouts.Of([new Paragraph(sentence, "rtl")], Numbers);
        Assert.NotNull(Difference(name, sentence, meant, said.Places[0]));
    }

    private sealed record Case(string Name, string Language, string Said, Meant Meant);

    // A member of a text file with an object of plural forms is one text for each form, as PublishedTexts reads it. Parts of a day or an
    // hour are tried in the days and hours that stand in blanks.
    private static IEnumerable<PublishedText> Sentences() =>
        PublishedTexts.All.Where(static text =>
            !text.File.StartsWith("contracts/schema", StringComparison.Ordinal)
            && !(
                text.File.StartsWith("src/Wording", StringComparison.Ordinal)
                && text.Key is "/months" or "/first-day" or "/day" or "/hour" or "/hour-minutes"
            )
        );

    private static IEnumerable<Case> Cases(PublishedText text)
    {
        var blanks = BlankOf().Matches(text.Words).Select(static blank => blank.ValueSpan[1] - '0').DefaultIfEmpty(-1).Max() + 1;
        var sentence = Isolation.OfRuns(text.Words, text.Language);
        var kinds =
            blanks == 0 ? Kinds.Take(1)
            : text.Words.Contains("}{", StringComparison.Ordinal) ? Kinds
            : Kinds.Append(("a number", _ => 1_234_567L));
        foreach (var (name, blank) in kinds)
        {
            // Not by the framework's own way: an address in a text may have braces of its own.
            var said = blank(text.Language).Say(text.Language);
            IReadOnlyList<string> items =
                name == "a list" ? ["cnss-eligibility", "وزارة الصحة", "06.181."] : [Bare(blank(text.Language).Say(text.Language))];
            yield return new Case(
                $"{text.File} {text.Key} with {name}",
                text.Language,
                BlankOf().Replace(sentence, said),
                Meant.Of(text.Words, [.. Enumerable.Repeat(items, blanks)], text.Language)
            );
        }
    }

    // Null when the letters stand in the order that is meant.
    private static string? Difference(string name, string said, Meant meant, int[] places)
    {
        var plain = new List<int>(said.Length);
        var to = new int[said.Length];
        for (var at = 0; at < said.Length; at++)
        {
            to[at] = IsMark(said[at]) ? -1 : plain.Count;
            if (to[at] >= 0)
                plain.Add(at);
        }

        var text = string.Concat(plain.Select(at => said[at]));
        if (text != meant.Plain)
            return $"{name}: says {text}, not {meant.Plain}";
        var counted = meant.Places.ToHashSet();
        var drawn = places.Select(place => to[place]).Where(counted.Contains).ToList();
        return drawn.SequenceEqual(meant.Places) ? null : $"{name}: {text}\n   is drawn {Line(drawn)}\n   not      {Line(meant.Places)}";
        string Line(IEnumerable<int> line) => string.Concat(line.Select(place => text[place]));
    }

    // A block of a page by what it isolates: each isolate is a value of its own.
    private static Meant Nested(string block, string language)
    {
        var values = ImmutableArray.CreateBuilder<IReadOnlyList<string>>();
        var (sentence, depth, from) = (new System.Text.StringBuilder(), 0, 0);
        for (var at = 0; at < block.Length; at++)
        {
            if (block[at] is Isolation.LeftToRight or Isolation.FirstStrong && depth++ == 0)
                from = at;
            else if (block[at] == Isolation.End && --depth == 0)
            {
                sentence.Append('{').Append(values.Count).Append('}');
                values.Add([Bare(block[from..at])]);
            }
            else if (depth == 0 && block[at] != Isolation.End)
                sentence.Append(block[at]);
        }

        return Meant.Of(sentence.ToString(), values.ToImmutable(), language);
    }

    private static string Outside(string block)
    {
        var depth = 0;
        return string.Concat(
            block.Where(mark =>
            {
                if (mark is Isolation.LeftToRight or Isolation.FirstStrong)
                    depth++;
                if (mark == Isolation.End)
                    depth--;
                return depth == 0;
            })
        );
    }

    // What a browser sets as one paragraph; elements with a direction isolate as the characters do.
    private static IEnumerable<string> Blocks(string page)
    {
        var body = page[page.IndexOf("<body>", StringComparison.Ordinal)..];
        foreach (Match block in Block().Matches(body))
        {
            var text = LeftToRight().Replace(block.Groups["text"].Value, Isolation.LeftToRight.ToString());
            text = text.Replace("<bdi>", Isolation.FirstStrong.ToString(), StringComparison.Ordinal);
            text = Tag().Replace(EndOfIsolate().Replace(text, Isolation.End.ToString()), "");
            yield return System.Net.WebUtility.HtmlDecode(text).Replace("\n", "", StringComparison.Ordinal);
        }
    }

    private static string DirectionOf(string language) => Languages.IsRightToLeft(language) ? "rtl" : "ltr";

    private static bool IsMark(char mark) => mark is Isolation.LeftToRight or Isolation.FirstStrong or Isolation.End;

    private static string Bare(string text) => string.Concat(text.Where(static mark => !IsMark(mark)));

    [GeneratedRegex(@"\{\d\}", RegexOptions.None, 1000)]
    private static partial Regex BlankOf();

    [GeneratedRegex(@"[A-Za-z]|\d[-:/.+]\d", RegexOptions.None, 1000)]
    private static partial Regex Latin();

    [GeneratedRegex(
        "<(?<tag>h1|h2|h3|h4|p|li|dt|dd)>(?<text>.*?)</\\k<tag>>",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline,
        1000
    )]
    private static partial Regex Block();

    [GeneratedRegex("<[a-z]+( [^>]*)? dir=\"ltr\">", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LeftToRight();

    [GeneratedRegex("</(bdi|code|a)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EndOfIsolate();

    [GeneratedRegex("<[^>]+>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();
}

using System.Text;
using Agreements.Loading;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

/// <summary>A stop that a person reads in <c>suspensions.yaml</c> holds, whatever else stands there; a remark stops nothing.</summary>
public sealed class StopsReadAloneTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private const string Flow = "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n";
    private const string Block = "  - kind: client\n    id: anss-batch\n    by: anss\n    since: 2026-10-01\n";
    private const string Spread = "  - {\n      kind: client, id: anss-batch,\n      by: anss, since: 2026-10-01\n    }\n";
    private const string Head = "# What is suspended now.\nschema: gateway.suspensions/1\nsuspensions:\n";
    private static readonly Lazy<Registry> Law = new(static () =>
    {
        using var contracts = new TheContracts();
        return contracts.Registry();
    });

    [Theory]
    [InlineData("# a\ttab\n")]
    [InlineData("# \uFEFF\n")]
    [InlineData("# \u202E\n")]
    [InlineData("# \u0000\u0007\n")]
    [InlineData("%TAG ! tag:example.org,2026:\n")]
    [InlineData("%YAML 1.1\n---\n")]
    [InlineData("suspensions: &all\n")]
    [InlineData("  - { kind: client, id: anss-fi\n")]
    [InlineData("  - { kind: client, id: \"anss-field, by: anss, since: 2026-10-01 }\n")]
    [InlineData("  - { kind: client, id: 'anss-field, by: anss, since: 2026-10-01 }\n")]
    [InlineData("  - kind: [\n")]
    [InlineData("  - kind: \"client\n    id: anss-field\n")]
    [InlineData("  - kind: |\n")]
    [InlineData("  -kind: client\n")]
    [InlineData("ended: [ { agreement: ANSS-ANAPEC-2026-01, by: \n")]
    [InlineData("schema: again\nsuspensions: []\nsuspensions:\n")]
    [InlineData("<<: *stop\n")]
    [InlineData("? [a]\n: b\n")]
    [InlineData("...\n---\n")]
    [InlineData("\t\n")]
    [InlineData("]}]}\n")]
    [InlineData("  - { kind: client, id: anss-field, id: anss-x, by: anss, since: 2026-10-01 }\n")]
    public void A_bad_line_costs_itself_alone(string line)
    {
        foreach (var entry in (string[])[Flow, Block, Spread])
        {
            AssertStops(Head + line + entry);
            AssertStops(Head + entry + line);
            AssertStops(line + Head + Flow.Replace("anss-batch", "anss-nothing", StringComparison.Ordinal) + line + entry + line);
        }
    }

    [Theory]
    [InlineData("  - &stop { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("  - !stop { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("  - &stop\n    kind: client\n    id: anss-batch\n    by: anss\n    since: 2026-10-01\n")]
    [InlineData("  -{ kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("  - {kind:client,id:anss-batch,by:anss,since:2026-10-01}\n")]
    [InlineData("  -kind:client\n   id:anss-batch\n   by:anss\n   since:2026-10-01\n")]
    [InlineData("  - kind: client\n\n    # why\n     id: \"anss-batch\" # this one\n   by: 'anss'\n    since: 2026-10-01")]
    [InlineData("\t- { kind:\tclient, id: anss-batch, by: anss, since: 2026-10-01 }\t\n")]
    [InlineData("  - { kind: client, id: anss-\u200Bbatch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("  - { kind: client, id: &it anss-batch, by: !!str anss, since: 2026-10-01 }\n")]
    [InlineData("  - { \"kind\":\"client\", \"id\":\"anss-batch\", \"by\":\"anss\", \"since\":\"2026-10-01\" }\n")]
    [InlineData("  - {\n      kind: client, # a system\n      id: anss-batch,\n      by: anss,\n      since: 2026-10-01\n    }\n")]
    [InlineData("  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 } # \u202E because\n")]
    [InlineData("[{ kind: agreement, id: x, by: y, since: z }, { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    public void An_entry_that_a_person_can_read_stops_what_it_names(string entry)
    {
        AssertStops(Head + "\u202E\n" + entry);
        foreach (var end in (string[])["\r\n", "\r", "\u0085", "\u2028", "\u2029", "\f"])
            AssertStops((Head + entry).ReplaceLineEndings(end));
    }

    [Fact]
    public void A_file_that_is_too_large_or_in_another_encoding_stops_what_a_person_reads_in_it()
    {
        AssertStops(Head + Flow + new string('#', 2 << 20) + "\n");
        AssertStops(Head + new string('{', 2 << 20) + "\n" + Block);
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
            AssertStops([.. encoding.GetPreamble(), .. encoding.GetBytes(Head + Flow)]);
    }

    [Fact]
    public void A_byte_that_is_no_character_costs_its_own_line()
    {
        byte[] bad = [.. "# caf"u8, 0xE9, (byte)'\n', .. "  - { kind: client, id: "u8, 0xFF, .. ", by: anss, since: 2026-10-01 }\n"u8];
        AssertStops([.. Encoding.UTF8.GetBytes(Head), .. bad, .. Encoding.UTF8.GetBytes(Flow), .. bad]);
    }

    [Theory]
    [InlineData("{ kind: client, id: anss-batch, by: anss, sinse: 2026-10-01 }")]
    [InlineData("{ kind: client, id: anss-batch, by: ans, since: 2026-10-01 }")]
    [InlineData("{ kind: client, id: anss-batch, since: 2026-10-01 }")]
    [InlineData("{ kind: client, id: anss-batch, by: anss, since: 01/12/2026 }")]
    [InlineData("{ kind: client, id: anss-batch, by: anss, since: 2026-13-01 }")]
    [InlineData("{ kind: client, id: anss-batch, by: anss, since: 2026-10-01, reason: lost laptop }")]
    [InlineData("{ kind: client, id: anss-batch }")]
    [InlineData("kind: client\n    id: anss-batch\n    by: anss\n    sinse: 2026-10-01")]
    [InlineData("reason: lost laptop\n    kind: client\n    id: anss-batch")]
    public void An_entry_that_names_what_it_stops_holds_whatever_is_wrong_with_its_other_members(string entry)
    {
        var law = AddedStops.To(Law.Value, Law.Value, Encoding.UTF8.GetBytes(Head + "  - " + entry + "\n"), Today);
        var stop = Assert.Single(law.Suspensions.Except(Law.Value.Suspensions));
        Assert.Equal((SuspendedKind.Client, "anss-batch", "anss"), (stop.Kind, stop.Id, stop.By));
        Assert.True(stop.Since <= Today, stop.Since.ToString("O"));
    }

    [Fact]
    public void A_day_ahead_is_kept_where_another_member_is_wrong()
    {
        const string entry = "  - kind: client\n    id: anss-batch\n    reason: left\n    since: 2027-01-01\n";
        var law = AddedStops.To(Law.Value, Law.Value, Encoding.UTF8.GetBytes(Head + entry), Today);
        Assert.Equal(new DateOnly(2027, 1, 1), Assert.Single(law.Suspensions.Except(Law.Value.Suspensions)).Since);
    }

    [Fact]
    public void An_ending_that_is_not_sound_suspends_the_agreement()
    {
        var file = Encoding.UTF8.GetBytes(Head + "ended:\n  - { agreement: ANSS-ANAPEC-2026-01, by: anss, on: 9 September }\n");
        var law = AddedStops.To(Law.Value, Law.Value, file, Today);
        Assert.Empty(law.Endings);
        var stop = Assert.Single(law.Suspensions.Except(Law.Value.Suspensions));
        Assert.Equal((SuspendedKind.Agreement, "ANSS-ANAPEC-2026-01"), (stop.Kind, stop.Id));
    }

    [Fact]
    public void An_ending_holds_as_a_stop_does()
    {
        var file = "%\nended:\n  - { agreement: ANSS-ANAPEC-2026-01, by: anss, on: 2026-09-09, reference: \"letter {12} # 3\" }\n"u8;
        var law = AddedStops.To(Law.Value, Law.Value, file.ToArray(), Today);
        Assert.Equal("letter {12} # 3", Assert.Single(law.Endings).Reference);
    }

    [Theory]
    [InlineData("# - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("#- { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("\uFEFF# { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("\t# { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("# it's \u0085  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("x: \"a\" # \"{ kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\"\n")]
    [InlineData("# - kind: client\n#   id: anss-batch\n#   by: anss\n#   since: 2026-10-01\n")]
    [InlineData("  - kind: client\n#   id: anss-batch\n    by: anss\n    since: 2026-10-01\n")]
    public void A_remark_stops_nothing_in_a_broken_file(string remark) =>
        Assert.Same(Law.Value, AddedStops.To(Law.Value, Law.Value, Encoding.UTF8.GetBytes(Head + "\u202E\n" + remark), Today));

    [Fact]
    public void Whatever_bytes_stand_on_other_lines_a_sound_entry_stops()
    {
        var noise = Gen.Choose(0, 255).Select(static value => (byte)value).ArrayOf();
        Holds(noise, static (before, behind, entry) =>
            [
                .. Encoding.UTF8.GetBytes(Head),
                .. before,
                .. "\n  - { kind: agreement, id: x, by: "u8,
                .. behind,
                (byte)'\n',
                .. entry,
                .. behind,
            ]
        );
    }

    [Fact]
    public void Whatever_signs_stand_on_other_lines_a_sound_entry_stops()
    {
        // Signs that mean something to a reader of YAML come more often than chance has them.
        string[] signs =
        [
            "{",
            "}",
            "[",
            "]",
            "\"",
            "'",
            "#",
            "&a ",
            "*a",
            "!!x ",
            "%TAG",
            "- ",
            "-",
            ":",
            ": ",
            ",",
            "|",
            ">",
            "?",
            "\n",
            "\r\n",
            "\t",
            " ",
            "---",
            "...",
            "\u0085",
            "\u202E",
            "\uFEFF",
            "<<",
            "kind",
            "id: x",
            "ended:",
            "é",
            "\u0000",
        ];
        var noise = Gen.Elements(signs).ArrayOf().Select(static some => Encoding.UTF8.GetBytes(string.Concat(some)));
        Holds(noise, static (before, behind, entry) => [.. before, (byte)'\n', .. entry, (byte)'-', .. behind]);
    }

    private static void Holds(Gen<byte[]> noise, Func<byte[], byte[], byte[], byte[]> file)
    {
        var files =
            from before in noise
            from behind in noise
            from entry in Gen.Elements(Flow, Block)
            select file(before, behind, Encoding.UTF8.GetBytes(entry));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(files.ToArbitrary(), static bytes => AssertStops(bytes)));
    }

    private static void AssertStops(string file) => AssertStops(Encoding.UTF8.GetBytes(file));

    private static void AssertStops(byte[] file) =>
        Assert.True(AddedStops.To(Law.Value, Law.Value, file, Today).IsSuspended(SuspendedKind.Client, "anss-batch"));
}

using System.Text.Json;
using Agreements.Loading;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

/// <summary>
/// Who signs sees what programs read: nothing invisible, nothing that two readers read in two ways, nothing behind the signatures.
/// </summary>
public sealed class HiddenTextTests
{
    private const string Id = "ANSS-ANAPEC-2026-01",
        File = $"agreements/{Id}.yaml";

    public static TheoryData<int> Invisible =>
        new(
            0x202A,
            0x202B,
            0x202C,
            0x202D,
            0x202E,
            0x2066,
            0x2067,
            0x2068,
            0x2069,
            0x200E,
            0x200F,
            0x061C,
            0x200B,
            0x200C,
            0x200D,
            0x2060,
            0x2064,
            0xFEFF,
            0x00AD,
            0x180E,
            0x034F,
            0x115F,
            0x3164,
            0xFE0F,
            0xFFA0,
            0xFFF9,
            0xFFFC,
            0x1D159,
            0x1D173,
            0xE0001,
            0xE0041,
            0xE0100,
            0xE000,
            0x0085,
            0x2028,
            0x2029,
            0x0009,
            0x000D,
            0x0000,
            0x007F,
            0x10FFFF
        );

    [Theory]
    [MemberData(nameof(Invisible))]
    public void An_invisible_character_is_refused_with_its_line_wherever_it_stands(int code)
    {
        var character = char.ConvertFromUtf32(code);
        // Of one file the first is reported; of several files each.
        ReadOnlySpan<(string, string)> others =
        [
            ("institutions/anss.yaml", "class: agency"),
            ("suspensions.yaml", "kind: agreement"),
            ("openapi/education.yaml", "openapi:"),
            ("reference/areas.yaml", "schema:"),
            ("agreements/ANSS-CNSS-2026-01.yaml", "clause: art."),
            ("agreements/ANSS-DFP-2026-01.yaml", "schema:"),
            (File, "en: Agreement"),
        ];
        using var contracts = new TheContracts(signed: false);
        var expected = new List<(string File, int Line)>();
        foreach (var (file, what) in others)
            expected.Add((file, contracts.Edit(file, what, what + character)));
        var found = contracts.Load().Errors.Where(error => error.What == $"character U+{code:X4} is not allowed");
        Assert.Equal(expected.Order(), found.Select(static error => (error.File, error.Line)).Order());
    }

    [Theory]
    [InlineData("\\u202E")]
    [InlineData("\\u200B")]
    [InlineData("\\uFEFF")]
    [InlineData("\\t")]
    [InlineData("\\0")]
    [InlineData("\\U000E0041")]
    [InlineData("\\L")]
    public void An_escape_writes_none_either(string escape)
    {
        using var contracts = new TheContracts(signed: false);
        var line = contracts.Edit(File, "clause: art. 3", $"clause: \"art. 3{escape}\"");
        Assert.Contains(contracts.Load().Errors, error =>
            error.File == File && error.Line == line && error.What.StartsWith("character U+", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("%TAG ! tag:x,2000:\n---\n", 1)]
    [InlineData("%TAG !! tag:x,2000:\n---\n", 1)]
    [InlineData("%YAML 1.2\n---\n", 1)]
    [InlineData("# a remark\n%ANYTHING else\n---\n", 2)]
    public void A_directive_is_refused(string head, int line)
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Write(File, head + contracts.Read(File));
        Assert.Contains(contracts.Load().Errors, error => error.File == File && error.Line == line && error.What == "directive (%)");
    }

    [Theory]
    [InlineData("version: 1\n", "version: ! 1\n")]
    [InlineData("version: 1\n", "version: !!int 1\n")]
    [InlineData("version: 1\n", "version: !<tag:yaml.org,2002:int> 1\n")]
    [InlineData("version: 1\n", "version: &v 1\n")]
    [InlineData("version: 1\n", "version: *v\n")]
    [InlineData("version: 1\n", "version: 1\nversion: 1\n")]
    [InlineData("version: 1\n", "version: 1\n\"version\": 1\n")]
    [InlineData("version: 1\n", "version: 1\n%X\n")]
    [InlineData("version: 1\n", "version: 1\n...\n")]
    [InlineData("version: 1\n", "version: 1\n---\n")]
    [InlineData("version: 1\n", "version: 1\n? x\n: y\n")]
    public void What_two_readers_may_read_in_two_ways_is_refused(string what, string with)
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(File, what, with);
        Assert.Contains(contracts.Load().Errors, static error => error is { File: File, Line: > 0, Severity: LoadSeverity.Error });
    }

    [Theory]
    [InlineData("# perDay is 9000000\n", "text behind 'signatures:' that nobody signed")]
    [InlineData("...\n", "an end of the document (...)")]
    [InlineData("...\nand perDay is 9000000\n", "an end of the document (...)")]
    [InlineData("---\nperDay: 9000000\n", "a second document")]
    [InlineData("notes: x\n", "'signatures:' is not the last key at the left margin")]
    public void Nothing_but_signatures_stands_behind_the_signed_part(string tail, string what)
    {
        using var contracts = new TheContracts();
        contracts.Write(File, contracts.Read(File) + tail);
        Assert.Contains(contracts.Load().Errors, error => error is { File: File, Line: > 0 } && error.What == what);
    }

    [Theory]
    [InlineData("function: legal representative", "function: \"legal representative: perDay is 9000000\"")]
    [InlineData("function: legal representative", "function: legal representative, note: x")]
    [InlineData("signatures:\n", "signatures: # all of them\n")]
    public void A_signature_says_nothing_else(string what, string with)
    {
        using var contracts = new TheContracts();
        var line = contracts.Edit(File, what, with);
        Assert.Contains(contracts.Load().Errors, error => error.File == File && error.Line == line && error.Severity is LoadSeverity.Error);
    }

    [Fact]
    public void Whatever_byte_of_a_signed_file_changes_the_law_is_what_was_signed_or_none()
    {
        using var contracts = new TheContracts();
        var (file, law) = (System.IO.File.ReadAllBytes(contracts.At(File)), Terms(contracts.Registry()));
        var changes =
            from at in Gen.Choose(0, file.Length - 1)
            from way in Gen.Choose(0, 3)
            from mask in Gen.Choose(1, 255)
            select (at, way, mask);
        Check.One(
            Config
                .QuickThrowOnFailure.WithMaxTest(Environment.GetEnvironmentVariable("GATEWAY_LONG") == "1" ? 100_000 : 200)
                .WithReplay(7, 11),
            Prop.ForAll(changes.ToArbitrary(), change =>
            {
                var (at, way, mask) = change;
                byte[] changed = way switch
                {
                    0 => [.. file[..at], (byte)(file[at] ^ mask), .. file[(at + 1)..]],
                    1 => [.. file[..at], .. file[(at + 1)..]],
                    2 => [.. file[..at], (byte)mask, .. file[at..]],
                    _ => [.. file[..at], (byte)'\n', .. file[at..]],
                };
                System.IO.File.WriteAllBytes(contracts.At(File), changed);
                var registry = contracts.Load().Registry;
                return registry is null || !registry.Agreements[Id].Signed || Terms(registry) == law;
            })
        );
    }

    // All that is signed; the day and the office of a signature are its file's word.
    private static string Terms(Registry registry)
    {
        var agreement = registry.Agreements[Id];
        return JsonSerializer.Serialize(
            new
            {
                agreement.Reference,
                agreement.Title,
                agreement.Parties,
                agreement.From,
                agreement.Until,
                agreement.PriorAuthorization,
                agreement.Text,
                agreement.WarnDaysBefore,
                agreement.AuditSearchable,
                agreement.AuditArchived,
                agreement.BatchResults,
                agreement.Quotas,
                agreement.Grants,
                agreement.TextDigest,
                Keys = agreement.Signatures.Select(static one => $"{one.Institution} {one.KeyId}"),
            }
        );
    }
}

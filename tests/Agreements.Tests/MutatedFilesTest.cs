using System.Text;
using System.Text.Json;
using Agreements.Loading;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

/// <summary>Whatever stands in a file, loading answers: a whole registry, or errors and no registry.</summary>
public sealed class MutatedFilesTest
{
    private static readonly string[] Insertions =
    [
        "\t",
        "\r",
        "\0",
        "\uFEFF",
        "&a ",
        "*a ",
        "!!str ",
        "<<: ",
        "- ",
        "? ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "|",
        ">",
        "#",
        "%YAML 1.1\n",
        "---\n",
        "...\n",
        ": ",
        "\n",
        "   ",
        "é",
        "\u2028",
        "999999999999999999999",
        "~",
        "true",
    ];

    public sealed record Mutation(int File, int At, int Kind, int Argument);

    private static Gen<Mutation> Mutations =>
        from file in Gen.Choose(0, 1000)
        from at in Gen.Choose(0, 1_000_000)
        from kind in Gen.Choose(0, 6)
        from argument in Gen.Choose(0, 1_000_000)
        select new Mutation(file, at, kind, argument);

    private static byte[] Apply(Mutation mutation, byte[] bytes)
    {
        if (bytes.Length == 0)
            return bytes;
        var at = mutation.At % bytes.Length;
        var until = Math.Min(bytes.Length, at + 1 + mutation.Argument % 64);
        return mutation.Kind switch
        {
            0 => [.. bytes[..at], (byte)mutation.Argument, .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], .. bytes[until..]],
            2 => [.. bytes[..at], .. Encoding.UTF8.GetBytes(Insertions[mutation.Argument % Insertions.Length]), .. bytes[at..]],
            3 => bytes[..at],
            4 => [.. bytes[..until], .. bytes[at..]],
            5 => [.. bytes[..at], .. bytes[at..until].Reverse(), .. bytes[until..]],
            _ => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (mutation.Argument % 8))), .. bytes[(at + 1)..]],
        };
    }

    [Fact]
    public void Loading_never_throws_and_never_half_applies()
    {
        using var contracts = new TheContracts();
        var files = Directory.EnumerateFiles(contracts.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Mutations.ToArbitrary(), mutation =>
            {
                var path = files[mutation.File % files.Length];
                var good = File.ReadAllBytes(path);
                File.WriteAllBytes(path, Apply(mutation, good));
                try
                {
                    var load = contracts.Load();
                    var failed = load.Errors.Any(error => error.Severity is LoadSeverity.Error);
                    return load.Registry is null == failed
                        && (failed || load.Registry!.Agreements.Count == 7)
                        && load.Errors.All(error => error.Line >= 0 && error.What.Length > 0 && error.Remedy.Length > 0);
                }
                finally
                {
                    File.WriteAllBytes(path, good);
                }
            }));
    }

    [Theory]
    [InlineData("agreements/ANSS-MENPS-2026-01.yaml")]
    [InlineData("agreements/ANSS-SANTE-2026-01.yaml")]
    [InlineData("institutions/anss.yaml")]
    [InlineData("institutions/menps.yaml")]
    public void Every_line_counts(string file)
    {
        using var contracts = new TheContracts(signed: false);
        var text = contracts.Read(file);
        var whole = Picture(contracts.Registry());
        var lines = text.Split('\n')[..^1];
        var idle = new List<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith('#'))
                continue;
            contracts.Write(file, string.Join('\n', lines.Where((_, at) => at != i)) + "\n");
            var load = contracts.Load();
            // What may be left out because the default says the same: said in the file for those who read and sign it.
            if (load.Registry is { } registry && Picture(registry) == whole)
                idle.Add(lines[i].Trim());
        }
        Assert.Empty(
            idle.Except([
                "notFoundStatus: none",
                "undeclaredFields: strip",
                "chunkSize: 500",
                "status: active",
                "binding: mtls",
                "answer: { maxBytes: 65536, deadline: PT8S }",
            ])
        );
    }

    // Everything that the gateway can see of a registry, but not its digests: a change that only they show changes nothing in force.
    private static string Picture(Registry registry) =>
        JsonSerializer.Serialize(
            new
            {
                Agreements = registry
                    .Agreements.Values.OrderBy(agreement => agreement.Id, StringComparer.Ordinal)
                    .Select(agreement => new
                    {
                        agreement.Id,
                        agreement.Version,
                        agreement.Title,
                        agreement.Parties,
                        agreement.Text,
                        agreement.From,
                        agreement.Until,
                        agreement.WarnDaysBefore,
                        agreement.PriorAuthorization,
                        agreement.AuditSearchable,
                        agreement.AuditArchived,
                        agreement.BatchResults,
                        agreement.Quotas,
                        agreement.Grants,
                        agreement.Signed,
                    }),
                Institutions = registry.Institutions.Values.OrderBy(institution => institution.Id, StringComparer.Ordinal),
                registry.Suspensions,
            }
        );
}

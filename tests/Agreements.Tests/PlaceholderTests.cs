using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>What somebody meant to fill in does not become law; a draft may have it, and says so.</summary>
public sealed class PlaceholderTests
{
    private const string Id = "ANSS-ANAPEC-2026-01",
        File = $"agreements/{Id}.yaml";

    public static TheoryData<string, string> Blanks =>
        new()
        {
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: <REFERENCE>" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: to be completed by the agency" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: à compléter" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: يستكمل لاحقا" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: TODO" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: \"tbd.\"" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: \"{{reference}}\"" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: \"???\"" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: PAPER-XXXX-2026" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: PAPER-0000-2026" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: example-paper" },
            { "reference: SYNTHETIC-PAPER-0001-2026", "reference: https://example.org/paper" },
            { "clause: art. 3", "clause: art. ____" },
            { "en: Agreement on data exchange about employment", "en: Lorem ipsum" },
        };

    public static TheoryData<string> Digests =>
        new(
            new string('0', 64),
            new string('f', 64),
            string.Concat(Enumerable.Repeat("deadbeef", 8)),
            string.Concat(Enumerable.Repeat("0123456789abcdef", 4)),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );

    [Theory]
    [MemberData(nameof(Blanks))]
    public void A_blank_in_what_is_signed_is_refused_with_its_place(string what, string with)
    {
        using var contracts = new TheContracts();
        var line = contracts.Edit(File, what, with);
        contracts.Sign(Id);
        var error = Assert.Single(contracts.Load().Errors, static error => error.Severity is LoadSeverity.Error);
        Assert.Equal((File, line), (error.File, error.Line));
        Assert.Contains("is a placeholder, and a placeholder does not become law", error.What, StringComparison.Ordinal);
        contracts.Write(File, contracts.Read(File).Split("signatures:")[0]);
        Assert.Contains(contracts.Load().Errors, warning =>
            warning.Severity is LoadSeverity.Warning && warning.Line == line && warning.Code == "placeholder-draft"
        );
        Assert.NotNull(contracts.Load().Registry);
    }

    [Theory]
    [MemberData(nameof(Digests))]
    public void A_digest_of_nothing_is_refused(string digest)
    {
        using var contracts = new TheContracts();
        var text = contracts.Read(File);
        var at = text.IndexOf("  sha256: ", StringComparison.Ordinal) + "  sha256: ".Length;
        contracts.Write(File, text[..at] + $"\"{digest}\"" + text[text.IndexOf('\n', at)..]);
        contracts.Sign(Id);
        var error = Assert.Single(contracts.Load().Errors, static error => error.Severity is LoadSeverity.Error);
        Assert.StartsWith("'sha256' is a placeholder, and a placeholder does not become law", error.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("institutions/anapec.yaml", "email: conventions@anapec.example", "email: todo@anapec.example")]
    [InlineData("institutions/anss.yaml", "id: anss-payments\n", "id: anss-example\n")]
    [InlineData("institutions/anapec.yaml", "fr: \"Direction des systèmes d’information\"", "fr: \"<office>\"")]
    public void An_institution_s_file_is_law_without_signatures_and_holds_none(string file, string what, string with)
    {
        using var contracts = new TheContracts();
        var line = contracts.Edit(file, what, with);
        Assert.Contains(contracts.Load().Errors, error =>
            error.File == file && error.Line == line && error.What.Contains("a placeholder does not become law", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("Agreement on a complete list of pupils")]
    [InlineData("Convention sur les méthodes de travail, art. XXX")]
    [InlineData("conventions@menps.example")]
    [InlineData("SYNTHETIC-AU-0001-2026")]
    [InlineData("5dae94fe0f68bafebb9f06c1a46b8a05cc6c82557abd74c478c40f353cbe3ef4")]
    [InlineData("Todorov and Partners")]
    [InlineData("06.000.")]
    [InlineData("https://issuer.example")]
    [InlineData("اتفاقية تبادل المعطيات")]
    public void What_only_looks_a_little_like_one_is_taken(string text) => Assert.False(Placeholders.Is(text));

    [Fact]
    public void A_digest_of_nothing_is_one_in_whatever_letters()
    {
        Assert.True(Placeholders.Is("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"));
        Assert.True(Placeholders.Is("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"));
    }
}

using Wording;

namespace Agreements.Texts;

/// <summary>
/// What institutions, purposes, operations and the like are called in the reader's language. What the law does not know, or no law at all,
/// leaves the code.
/// </summary>
/// <param name="Law">The law; null where there is none.</param>
/// <param name="Language">fr, ar or en.</param>
public readonly record struct LawNames(Registry? Law, string Language)
{
    /// <summary>Name of an institution.</summary>
    public string Institution(string id) => In(Law?.Institutions.GetValueOrDefault(id)?.Names) ?? id;

    /// <summary>Name of a system.</summary>
    public string Client(string id) => In(Law?.Clients.GetValueOrDefault(id)?.Names) ?? id;

    /// <summary>Name of a purpose.</summary>
    public string Purpose(string code) => In(Law?.Purposes.GetValueOrDefault(code)?.Names) ?? code;

    /// <summary>Title of a law or decree.</summary>
    public string LegalBasis(string code) => In(Law?.LegalBases.GetValueOrDefault(code)) ?? code;

    /// <summary>Name of a quality.</summary>
    public string Quality(string code) => In(Law?.Qualities.GetValueOrDefault(code)) ?? code;

    /// <summary>Name of a province, a prefecture or a region.</summary>
    public string Area(string code) => In(Law?.Areas.GetValueOrDefault(code)) ?? code;

    /// <summary>Title of an operation.</summary>
    public string Operation(string id) => Law is null ? id : FieldTitles.Of(Law, id, Language);

    /// <summary>Title of what an operation discloses.</summary>
    public string Field(string operation, string path) => Law is null ? path : FieldTitles.Of(Law, operation, path, Language);

    /// <summary>Has a quota a name?</summary>
    public static bool HasQuota(string name) => ConventionWords.Has("page-quota-" + name);

    /// <summary>A quota with its figure, as a convention's page has it: <c>Personnes par jour : 2 000</c>.</summary>
    /// <param name="name">Name in the agreement, for example <c>perDay</c>.</param>
    /// <param name="limit">The figure.</param>
    public string Quota(string name, Blank limit) => ConventionWords.Of("page-quota-" + name, Language, limit);

    /// <summary>An article of the agreement: the file says <c>art. 4</c> in every language.</summary>
    public string Article(string clause) =>
        clause.StartsWith("art. ", StringComparison.Ordinal)
            ? ConventionWords.Of("page-article", Language, clause["art. ".Length..])
            : clause;

    private string? In(LocalizedText? text) => text?.In(Language);
}

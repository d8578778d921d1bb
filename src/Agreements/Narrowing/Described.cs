using System.Text.Json.Nodes;
using Wording;

namespace Agreements.Narrowing;

/// <summary>Descriptions that no contract holds, in three languages: <c>description</c> in English, <c>x-description</c> in French and
/// Arabic.</summary>
internal static class Described
{
    private static readonly TextBook Book = TextBook.Of(typeof(Described).Assembly, "contract");

    /// <summary>A part of a document with its description.</summary>
    public static JsonObject With(string key, JsonObject part, params ReadOnlySpan<Blank> blanks)
    {
        part["description"] = Book.Say(key, Languages.English, blanks);
        part["x-description"] = new JsonObject
        {
            [Languages.French] = Book.Say(key, Languages.French, blanks),
            [Languages.Arabic] = Book.Say(key, Languages.Arabic, blanks),
        };
        return part;
    }
}

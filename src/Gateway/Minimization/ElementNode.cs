using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Agreements;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>An element of a resource in a compiled release list.</summary>
/// <param name="name">Member name.</param>
/// <param name="repeats">Is it an array?</param>
internal sealed class ElementNode(string name, bool repeats)
{
    /// <summary>Most children under one node: the duplicate check is a 64-bit mask.</summary>
    public const int MostChildren = 64;

    public string Name { get; } = name;
    public ReadOnlyMemory<byte> Utf8Name { get; } = Encoding.UTF8.GetBytes(name);
    public JsonEncodedText Text { get; } = JsonEncodedText.Encode(name);
    public bool Repeats { get; } = repeats;
    public List<ElementNode> Children { get; } = [];

    /// <summary>The leaf's row of the element table; null for inner elements.</summary>
    public FhirElement? Leaf { get; set; }

    /// <summary>Is it, or anything beneath it, released?</summary>
    public bool Released { get; set; }

    /// <summary>A released leaf, or an element that is stripped as a whole, as a set of one.</summary>
    public ulong Bit { get; set; }

    /// <summary>Codes that may leave in this coding array; null where any code may.</summary>
    public ImmutableArray<AllowedCode>? Codes { get; set; }

    /// <summary>Sets of children of which at least one must be present (mandatory, required, oneOf).</summary>
    public List<ulong> Demands { get; } = [];

    /// <summary>
    /// An item of this array is dropped as a whole when a coding array inside it is left empty: a backbone element such as
    /// <c>recommendation</c>, not the concept that holds the coding itself.
    /// </summary>
    public bool IsDroppable => Repeats && Leaf is null && Codes is null && !Children.Exists(child => child.Name == "coding");

    /// <summary>Finds a child by the name on which the reader stands; -1 when the table does not have it.</summary>
    public int Find(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Children.Count; i++)
            if (reader.ValueTextEquals(Children[i].Utf8Name.Span))
                return i;
        return -1;
    }

    /// <summary>The child of a name, made when it is not there yet.</summary>
    public ElementNode Child(string child, bool childRepeats)
    {
        if (Children.Find(known => known.Name == child) is { } existing)
            return existing;
        var made = new ElementNode(child, childRepeats);
        Children.Add(made);
        if (Children.Count > MostChildren)
            throw new ArgumentException($"More than 64 elements under {Name}.", nameof(child));
        return made;
    }

    /// <summary>Released children that a name of the table means; <c>value[x]</c> means every spelling.</summary>
    public ulong Named(string child)
    {
        var set = 0UL;
        for (var i = 0; i < Children.Count; i++)
            if (Children[i].Released && Matches(Children[i].Name, child))
                set |= 1UL << i;
        return set;
    }

    /// <summary>Is a member name meant by a name of the table?</summary>
    public static bool Matches(string member, string named)
    {
        if (!named.EndsWith("[x]", StringComparison.Ordinal))
            return member == named;
        var stem = named.AsSpan(0, named.Length - 3);
        return member.Length > stem.Length
            && member.AsSpan().StartsWith(stem, StringComparison.Ordinal)
            && char.IsAsciiLetterUpper(member[stem.Length]);
    }
}

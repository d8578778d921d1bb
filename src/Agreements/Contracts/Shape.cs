using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Agreements.Contracts;

/// <summary>JSON kind of a value in a contract. Numbers are integers only (exchanges page, section 1.1).</summary>
public enum ShapeKind
{
    /// <summary>A JSON object with the members of <see cref="Shape.Members"/> and no others.</summary>
    Object,

    /// <summary>A JSON array whose items all have the shape <see cref="Shape.Items"/>.</summary>
    Array,

    /// <summary>A JSON string, bounded by <see cref="Shape.Format"/>, <see cref="Shape.Values"/>, <see cref="Shape.Pattern"/>.</summary>
    String,

    /// <summary>A JSON integer in ±(2^53−1).</summary>
    Integer,

    /// <summary>true or false.</summary>
    Boolean,
}

/// <summary>Format of a string (exchanges page, section 1.1).</summary>
public enum ShapeFormat
{
    /// <summary>Any text within the other bounds.</summary>
    None,

    /// <summary>YYYY-MM-DD.</summary>
    Date,

    /// <summary>RFC 3339 in UTC with Z.</summary>
    DateTime,

    /// <summary>YYYY-MM.</summary>
    Month,

    /// <summary>A ULID.</summary>
    Ulid,

    /// <summary>An RFC 9562 UUID.</summary>
    Uuid,
}

/// <summary>
/// Closed description of a JSON value, read from <c>contracts/openapi</c>. Immutable; shared by all agreements.
/// </summary>
public sealed class Shape
{
    /// <summary>Kind of the value.</summary>
    public required ShapeKind Kind { get; init; }

    /// <summary>Members of an object, in the order of the contract; empty for other kinds.</summary>
    public ImmutableArray<Member> Members { get; init; } = [];

    /// <summary>Shape of the items of an array; null for other kinds.</summary>
    public Shape? Items { get; init; }

    /// <summary>Format of a string.</summary>
    public ShapeFormat Format { get; init; }

    /// <summary>Closed list of values of a string; null when any value will do.</summary>
    public FrozenSet<string>? Values { get; init; }

    /// <summary>Anchored pattern of a string; null when there is none. Non-backtracking, so that no input is dear.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>Longest string in characters, or most items of an array.</summary>
    public int MaxLength { get; init; } = 256;

    /// <summary>Smallest integer allowed.</summary>
    public long Minimum { get; init; } = -9007199254740991;

    /// <summary>Largest integer allowed.</summary>
    public long Maximum { get; init; } = 9007199254740991;

    /// <summary>Finds a member by name; null when the contract does not know it.</summary>
    public Member? Find(string name)
    {
        foreach (var member in Members)
            if (member.Name == name)
                return member;
        return null;
    }
}

/// <summary>A member of an object in a contract.</summary>
/// <param name="Name">Name as it stands on the wire.</param>
/// <param name="Shape">Shape of its value.</param>
/// <param name="Required">The value must be present.</param>
/// <param name="Envelope">Part of the envelope (<c>x-envelope</c>): released always, never in a release list.</param>
/// <param name="WrittenByGateway">Added by the gateway (<c>x-written-by: gateway</c>): a provider does not send it, and if it does it
/// counts as undeclared.</param>
public sealed record Member(string Name, Shape Shape, bool Required, bool Envelope, bool WrittenByGateway)
{
    /// <summary>
    /// Rule for the value beyond its form (<c>x-rule</c>): <c>school-year</c>, <c>within-school-year</c>, <c>fields</c>; null when there is
    /// none.
    /// </summary>
    public string? Rule { get; init; }

    /// <summary>What it is called towards people (<c>x-title</c>); null when the contract does not say.</summary>
    public LocalizedText? Title { get; init; }

    /// <summary><see cref="Name"/> in UTF-8, for comparison without allocation.</summary>
    public ReadOnlyMemory<byte> Utf8Name { get; } = Encoding.UTF8.GetBytes(Name);
}

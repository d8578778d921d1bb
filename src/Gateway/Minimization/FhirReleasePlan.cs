using System.Collections.Immutable;
using Agreements;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>
/// A release list of a FHIR operation, compiled once: the released elements as a tree, what must be present, which codes may
/// leave (health page, sections 3 and 4).
/// </summary>
internal sealed class FhirReleasePlan
{
    private readonly ImmutableArray<string>.Builder _names = ImmutableArray.CreateBuilder<string>();

    /// <summary>Compiles.</summary>
    /// <exception cref="ArgumentException">A path is not in the element table, or there are more than 64 names; the registry refuses such
    /// an agreement before.</exception>
    public FhirReleasePlan(FhirType type, GrantedOperation granted)
    {
        Type = type;
        var released = Expand(type, granted.Release);
        foreach (var path in type.Elements.Keys.Order(StringComparer.Ordinal))
            if (!IsWritten(type, path))
                Add(type.Elements[path], released.Contains(path));
        Mark(Root, "");
        foreach (var name in granted.Release)
            if (IsWritten(type, name))
                WrittenBits |= Name(name);
        if (_names.Count > PathNames.Most)
            throw new ArgumentException($"{type.Name} releases and strips more than 64 names.", nameof(granted));
        Paths = new PathNames(_names.ToImmutable());
        Restrict(type, granted);
        foreach (var name in type.Mandatory.Concat(type.Required))
            if (!IsWritten(type, name))
                Demand(name);
        foreach (var group in type.OneOf)
            Demand([.. group]);
        SubjectName = System.Text.Json.JsonEncodedText.Encode(type.Subject);
        WritesPayor = type.Written.Contains("payor", StringComparer.Ordinal);
    }

    public FhirType Type { get; }
    public ElementNode Root { get; } = new("", repeats: false);
    public PathNames Paths { get; }
    public System.Text.Json.JsonEncodedText SubjectName { get; }

    /// <summary>Coverage.payor is written from the provider's institution file.</summary>
    public bool WritesPayor { get; }

    /// <summary>Released leaves that the gateway writes itself: the person's identifier, the payor's.</summary>
    public ulong WrittenBits { get; }

    /// <summary>The subject and the elements of <c>written</c> are never copied.</summary>
    private static bool IsWritten(FhirType type, string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var first = dot < 0 ? path : path[..dot];
        return first == type.Subject || type.Written.Contains(first, StringComparer.Ordinal);
    }

    private static HashSet<string> Expand(FhirType type, ImmutableArray<string> release)
    {
        var released = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in release)
        {
            if (IsWritten(type, path))
                continue;
            var found = type.Elements.Keys.Where(element => Means(path, element)).ToList();
            if (found.Count == 0)
                throw new ArgumentException($"The path {path} is not in the element table.", nameof(release));
            released.UnionWith(found);
        }

        return released;
    }

    // occurrence[x] means occurrenceDateTime, and effective[x] means effectivePeriod.start too.
    private static bool Means(string path, string element)
    {
        var (named, actual) = (path.Split('.'), element.Split('.'));
        if (actual.Length < named.Length || (actual.Length > named.Length && !named[^1].EndsWith("[x]", StringComparison.Ordinal)))
            return false;
        for (var i = 0; i < named.Length; i++)
            if (!ElementNode.Matches(actual[i], named[i]))
                return false;
        return true;
    }

    private void Add(FhirElement element, bool released)
    {
        var (node, segments) = (Root, element.Path.Split('.'));
        for (var i = 0; i < segments.Length; i++)
        {
            node = node.Child(segments[i], element.Repeats[i]);
            node.Released |= released;
        }

        node.Leaf = element;
    }

    // Released leaves have a name each; what is stripped as a whole has one for all of it.
    private void Mark(ElementNode node, string path)
    {
        foreach (var child in node.Children)
        {
            var at = path.Length == 0 ? child.Name : $"{path}.{child.Name}";
            if (child.Leaf is not null || !child.Released)
                child.Bit = Name(at);
            else
                Mark(child, at);
        }
    }

    private ulong Name(string path)
    {
        _names.Add(path);
        return _names.Count > PathNames.Most ? 0 : 1UL << (_names.Count - 1);
    }

    private void Restrict(FhirType type, GrantedOperation granted)
    {
        foreach (var (path, codes) in granted.Codes)
            if (At(path) is { } node)
                node.Codes = codes;
        foreach (var (path, codes) in type.FixedCodes)
            if (At(path) is { } node)
                node.Codes = [.. codes.Values.Select(code => new AllowedCode(codes.System, code))];
        // A coding that the table says must be restricted and that no list restricts releases nothing.
        foreach (var path in type.Codes)
            if (At(path) is { Released: true, Codes: null } node)
                node.Codes = [];
    }

    private void Demand(params string[] names)
    {
        var parents = names
            .Select(name => name.Contains('.', StringComparison.Ordinal) ? name[..name.LastIndexOf('.')] : "")
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (parents.Count != 1)
            throw new ArgumentException("Names of one demand stand under one element.", nameof(names));
        // Nothing of the backbone element is released: nothing of it can be missing.
        if (At(parents[0]) is not { } parent || (parent != Root && !parent.Released))
            return;
        var set = 0UL;
        foreach (var name in names)
            set |= parent.Named(name[(name.LastIndexOf('.') + 1)..]);
        parent.Demands.Add(set);
    }

    private ElementNode? At(string path)
    {
        var node = Root;
        if (path.Length == 0)
            return node;
        foreach (var segment in path.Split('.'))
        {
            if (node.Children.Find(child => child.Name == segment) is not { } next)
                return null;
            node = next;
        }

        return node;
    }
}

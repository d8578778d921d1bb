using System.Collections.Immutable;
using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>
/// The answer of one operation, compiled once from its contract: UTF-8 names to compare with, a number for every leaf.
/// What an agreement releases is a set of these leaves, so that all agreements of an operation share one tree.
/// </summary>
public sealed class AnswerTree
{
    /// <summary>Compiles the answer of an operation.</summary>
    /// <exception cref="ArgumentException">The contract has no answer, more than 64 leaves, or more than 64 members in one
    /// object.</exception>
    public AnswerTree(Operation operation)
    {
        var shape = operation.Answer ?? throw new ArgumentException($"{operation.Id} has no answer shape.", nameof(operation));
        var names = ImmutableArray.CreateBuilder<string>();
        Asked = operation.Request?.Members ?? [];
        Root = AnswerNode.Compile(shape, "", root: true, names, Asked);
        if (names.Count > PathNames.Most)
            throw new ArgumentException($"{operation.Id} declares more than 64 leaves.", nameof(operation));
        Paths = new PathNames(names.ToImmutable());
        Status = operation.Status;
        if (Status is null)
            return;
        StatusLeaf = Paths.Find(Status.Path);
        SinceLeaf = Status.SincePath is { } since ? Paths.Find(since) : 0;
        var parent = Status.Path.LastIndexOf('.');
        PendingLeaves = StatusLeaf | (parent < 0 ? 0 : Paths.Find(Status.Path[..parent] + ".schoolYear"));
    }

    /// <summary>The root object.</summary>
    internal AnswerNode Root { get; }

    /// <summary>Members of the question: an answer that states one of them must state what was asked.</summary>
    internal ImmutableArray<Member> Asked { get; }

    /// <summary>Names of the leaves.</summary>
    public PathNames Paths { get; }

    /// <summary>Status rule of the operation; null when it has none.</summary>
    public StatusRule? Status { get; }

    /// <summary>Leaf of the status; 0 when there is none.</summary>
    internal ulong StatusLeaf { get; }

    /// <summary>Leaf of the date since when the status holds; 0 when there is none.</summary>
    internal ulong SinceLeaf { get; }

    /// <summary>
    /// Leaves that an unsettled answer may show: the status and the school year, no detail that would be read as settled.
    /// </summary>
    internal ulong PendingLeaves { get; }
}

/// <summary>What a member of the root stands for, beside the answer object itself.</summary>
internal enum EnvelopeField
{
    None,
    SchemaVersion,
    MatchStatus,
    AsOf,
    Source,
    ReliableFrom,
    SourcesConsulted,
    SourcesUnavailable,
    Other,
}

/// <summary>A value in the tree.</summary>
internal sealed class AnswerNode
{
    public required Shape Shape { get; init; }
    public AnswerMember[] Members { get; private init; } = [];
    public AnswerNode? Items { get; private init; }

    /// <summary>This leaf as a set of one; 0 for objects, for arrays of objects, and in the envelope.</summary>
    public ulong Leaf { get; private init; }

    /// <summary>Members that must be present, by index.</summary>
    public ulong Required { get; private init; }

    /// <summary>The question's member that this value repeats; null where it repeats none.</summary>
    public Member? Asked { get; private init; }

    /// <summary>Finds the member whose name the reader stands on, escapes resolved; -1 when it is not declared.</summary>
    public int Find(ref Utf8JsonReader reader, int expected)
    {
        // Providers answer in the order of the contract: the next member is tried first.
        if ((uint)expected < (uint)Members.Length && reader.ValueTextEquals(Members[expected].Utf8Name.Span))
            return expected;
        for (var i = 0; i < Members.Length; i++)
            if (i != expected && reader.ValueTextEquals(Members[i].Utf8Name.Span))
                return i;
        return -1;
    }

    /// <summary>The member of a question with this name, however it is spelt; null where none could be repeated.</summary>
    public static Member? FindAsked(ImmutableArray<Member> asked, string name)
    {
        foreach (var member in asked)
            if (IsRepeated(member) && AnswerWalk.IsSpelt(name, member.Name))
                return member;
        return null;
    }

    public static AnswerNode Compile(
        Shape shape,
        string path,
        bool root,
        ImmutableArray<string>.Builder? names,
        ImmutableArray<Member> asked
    )
    {
        switch (shape.Kind)
        {
            case ShapeKind.Object:
                return CompileObject(shape, path, root, names, asked);
            case ShapeKind.Array when shape.Items!.Kind is ShapeKind.Object or ShapeKind.Array:
                return new AnswerNode { Shape = shape, Items = Compile(shape.Items, path, root: false, names, asked) };
            default:
                // Members of the envelope have no number: they are in no release list and in no record.
                var leaf = names is { Count: < PathNames.Most } ? 1UL << names.Count : 0;
                names?.Add(path);
                return new AnswerNode
                {
                    Shape = shape,
                    Leaf = leaf,
                    Items = shape.Items is null ? null : new AnswerNode { Shape = shape.Items, Leaf = leaf },
                    Asked = AskedBy(shape, path, asked),
                };
        }
    }

    // The same name for the same kind of value is the same thing, wherever the answer states it. The person is echoed apart; fields is no
    // part of the question.
    private static Member? AskedBy(Shape shape, string path, ImmutableArray<Member> asked)
    {
        foreach (var member in asked)
            if (IsRepeated(member) && member.Shape.Kind == shape.Kind && path.AsSpan(path.LastIndexOf('.') + 1).SequenceEqual(member.Name))
                return member;
        return null;
    }

    private static bool IsRepeated(Member asked) => asked.Shape.Kind is ShapeKind.String or ShapeKind.Integer or ShapeKind.Boolean;

    private static AnswerNode CompileObject(
        Shape shape,
        string path,
        bool root,
        ImmutableArray<string>.Builder? names,
        ImmutableArray<Member> asked
    )
    {
        if (shape.Members.Length > 64)
            throw new ArgumentException("An object of a contract has at most 64 members.", nameof(shape));
        var members = new AnswerMember[shape.Members.Length];
        var required = 0UL;
        for (var i = 0; i < members.Length; i++)
        {
            var member = shape.Members[i];
            var field = root ? FieldOf(member) : EnvelopeField.None;
            var node =
                field != EnvelopeField.None || member.WrittenByGateway
                    ? Compile(member.Shape, member.Name, root: false, names: null, [])
                    : Compile(member.Shape, path.Length == 0 ? member.Name : $"{path}.{member.Name}", root: false, names, asked);
            members[i] = new AnswerMember(member.Utf8Name, JsonEncodedText.Encode(member.Name), node, field, member.WrittenByGateway);
            if (member.Required && !member.WrittenByGateway)
                required |= 1UL << i;
        }

        return new AnswerNode
        {
            Shape = shape,
            Members = members,
            Required = required,
        };
    }

    private static EnvelopeField FieldOf(Member member) =>
        member.Name switch
        {
            _ when !member.Envelope => EnvelopeField.None,
            "schemaVersion" => EnvelopeField.SchemaVersion,
            "matchStatus" => EnvelopeField.MatchStatus,
            "asOf" => EnvelopeField.AsOf,
            "source" => EnvelopeField.Source,
            "reliableFrom" => EnvelopeField.ReliableFrom,
            "sourcesConsulted" => EnvelopeField.SourcesConsulted,
            "sourcesUnavailable" => EnvelopeField.SourcesUnavailable,
            _ => EnvelopeField.Other,
        };
}

/// <summary>A member of an object in the tree.</summary>
internal sealed record AnswerMember(
    ReadOnlyMemory<byte> Utf8Name,
    JsonEncodedText Name,
    AnswerNode Node,
    EnvelopeField Field,
    bool WrittenByGateway
);

using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>
/// The one forward pass over a provider's answer: every declared member is checked against the contract, released leaves are
/// copied, everything else is left behind. Nothing is visible to anybody until the pass has ended well.
/// </summary>
internal ref partial struct AnswerWalk
{
    private readonly AnswerTree _tree;
    private readonly ReadOnlySpan<byte> _body;
    private readonly ReleaseTerms _terms;
    private readonly Scratch _scratch;
    private readonly ulong _mask;
    private Utf8JsonReader _reader;
    private bool _echoed;
    private bool _referenced;

    // Length of the instant that was read last, in the scratch.
    private int _utc;

    public AnswerWalk(AnswerTree tree, ulong mask, ReadOnlySpan<byte> body, ReleaseTerms terms, Scratch scratch)
    {
        (_tree, _mask, _terms, _scratch) = (tree, mask, terms, scratch);
        _body = body;
        _reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 32 });
    }

    /// <summary>Leaves that were seen and are released.</summary>
    public ulong Released { get; private set; }

    /// <summary>Leaves that were seen and are not released.</summary>
    public ulong Stripped { get; private set; }

    /// <summary>Members that the contract does not declare; a member with everything inside it counts once.</summary>
    public int Undeclared { get; private set; }
    public string? MatchStatus { get; private set; }
    public string? Status { get; private set; }
    public DateOnly? Since { get; private set; }
    public DateTimeOffset? AsOf { get; private set; }
    public DateOnly? ReliableFrom { get; private set; }

    /// <summary>The echo of the person is not what was sent.</summary>
    public bool WrongSubject { get; private set; }

    /// <summary>What is wrong with the answer, for the log; null while nothing is. Names of the contract only.</summary>
    public string? Defect { get; private set; }

    /// <summary>Walks the whole answer; false when it is not what the contract says.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A string is not Unicode.</exception>
    public bool Run()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            return Fail("not one object");
        _scratch.Lazy.Enter(array: false);
        if (!Object(_tree.Root, root: true))
            return false;
        _scratch.Lazy.Leave();
        if (_reader.Read())
            return Fail("trailing content");
        if (!_echoed)
            return Fail("no subject");
        if (_terms.Line is not null && !_referenced)
            return Fail("no reference");
        return Consistent();
    }

    // An answer that says one thing in matchStatus and another by its content says nothing.
    private bool Consistent()
    {
        if (MatchStatus is null)
            return Fail("no matchStatus");
        var matched = MatchStatus == Minimization.MatchStatus.Matched;
        if (!matched && (Released | Stripped) != 0)
            return Fail("an answer object without a match");
        if (matched && _tree.Status is not null && Status is null)
            return Fail("a match without status");
        return true;
    }

    private bool Object(AnswerNode node, bool root)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            return Fail("an object was expected");
        var (seen, expected, number) = (0UL, 0, 0);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = node.Find(ref _reader, expected);
            if (index < 0 || node.Members[index].WrittenByGateway)
            {
                if (root && index < 0 && OnEcho(out var good))
                {
                    if (!good)
                        return false;
                    continue;
                }

                if (number == 0)
                    number = _scratch.Names.NextObject();
                if (!SkipUndeclared(node, number, root))
                    return false;
                continue;
            }

            if ((seen & (1UL << index)) != 0)
                return Fail("duplicate member");
            seen |= 1UL << index;
            expected = index + 1;
            var member = node.Members[index];
            _reader.Read();
            if (member.Field != EnvelopeField.None)
            {
                if (!Envelope(member))
                    return false;
                continue;
            }

            _scratch.Lazy.Name(member.Name);
            if (!Value(member.Node))
                return false;
        }

        return (seen & node.Required) == node.Required || Fail("a required member is missing");
    }

    private bool Value(AnswerNode node)
    {
        switch (node.Shape.Kind)
        {
            case ShapeKind.Object:
                _scratch.Lazy.Enter(array: false);
                if (!Object(node, root: false))
                    return false;
                _scratch.Lazy.Leave();
                return true;
            case ShapeKind.Array:
                return Items(node);
            default:
                return Leaf(node);
        }
    }

    private bool Items(AnswerNode node)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
            return Fail("an array was expected");
        // An array of leaves is itself a leaf: empty, it is still an answer.
        var release = node.Leaf != 0 && (node.Leaf & _mask) != 0;
        _scratch.Lazy.Enter(array: true);
        if (release)
            _scratch.Lazy.Value();
        Note(node.Leaf);
        var count = 0;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (++count > node.Shape.MaxLength)
                return Fail("too many items");
            if (!Value(node.Items!))
                return false;
        }

        _scratch.Lazy.Leave();
        return true;
    }

    private bool Leaf(AnswerNode node)
    {
        if (
            !(
                node.Shape.Kind switch
                {
                    ShapeKind.String => _reader.TokenType == JsonTokenType.String && Text(node),
                    ShapeKind.Integer => _reader.TokenType == JsonTokenType.Number
                        && _reader.TryGetInt64(out var number)
                        && node.Shape.Accepts(number),
                    ShapeKind.Boolean => _reader.TokenType is JsonTokenType.True or JsonTokenType.False,
                    _ => false,
                }
            )
        )
            return Fail("a value of the wrong type or form");
        if (node.Asked is { } asked && !IsAsAsked(asked, in _reader))
            return Fail("an answer to another question");
        Note(node.Leaf);
        if ((node.Leaf & _mask) == 0)
            return true;
        if (node.Shape.Format == ShapeFormat.DateTime)
            _scratch.Lazy.Value().WriteStringValue(_scratch.Utc.AsSpan(0, _utc));
        else
            Copy();
        return true;
    }

    private bool Text(AnswerNode node)
    {
        if (!TryText(out var text))
            return false;
        // An instant tells of what has been; what is planned is a date.
        if (node.Shape.Format == ShapeFormat.DateTime)
            return TryInstant(text, node.Shape, out var instant) && (!_terms.IsAhead(instant) || Fail("an instant in the future"));
        if (!node.Shape.Accepts(text))
            return false;
        if (node.Leaf == 0)
            return true;
        if (node.Leaf == _tree.StatusLeaf)
            Status = Known(text);
        if (node.Leaf == _tree.SinceLeaf && ShapeCheck.TryDate(text, out var since))
        {
            Since = since;
            if (_terms.IsAhead(since))
                return Fail("since is in the future");
        }

        return true;
    }

    // The contract speaks of UTC: what the institution wrote in another offset is read, and held against the contract as it leaves.
    private bool TryInstant(ReadOnlySpan<char> text, Shape shape, out DateTimeOffset instant) =>
        Instants.TryUtc(text, _scratch.Utc, out _utc, out instant) && shape.Accepts(_scratch.Utc.AsSpan(0, _utc));

    private readonly string Known(ReadOnlySpan<char> status)
    {
        var rule = _tree.Status!;
        if (rule.Pending is { } pending && status.SequenceEqual(pending))
            return pending;
        foreach (var value in rule.Positive)
            if (status.SequenceEqual(value))
                return value;
        foreach (var value in rule.Negative)
            if (status.SequenceEqual(value))
                return value;
        return status.ToString();
    }

    // The text of the string on which the reader stands, escapes resolved; false when no contract could accept its length.
    private bool TryText(out ReadOnlySpan<char> text)
    {
        text = default;
        if (_reader.ValueSpan.Length > _scratch.Text.Length)
            return false;
        text = _scratch.Text.AsSpan(0, _reader.CopyString(_scratch.Text));
        return true;
    }

    private void Note(ulong leaf)
    {
        Released |= leaf & _mask;
        Stripped |= leaf & ~_mask;
    }

    // The value as the provider wrote it; only escapes are resolved and made again, so that no odd spelling travels on.
    private readonly void Copy()
    {
        var json = _scratch.Lazy.Value();
        if (_reader.TokenType == JsonTokenType.String && _reader.ValueIsEscaped)
        {
            json.WriteStringValue(_scratch.Text.AsSpan(0, _reader.CopyString(_scratch.Text)));
            return;
        }

        var start = (int)_reader.TokenStartIndex;
        var length = _reader.ValueSpan.Length + (_reader.TokenType == JsonTokenType.String ? 2 : 0);
        json.WriteRawValue(_body.Slice(start, length), skipInputValidation: true);
    }

    private bool Envelope(AnswerMember member)
    {
        if (member.Field is EnvelopeField.Other or EnvelopeField.SourcesConsulted or EnvelopeField.SourcesUnavailable)
            return Value(member.Node);
        var asOf = default(DateTimeOffset);
        if (
            _reader.TokenType != JsonTokenType.String
            || !TryText(out var text)
            || !(member.Field == EnvelopeField.AsOf ? TryInstant(text, member.Node.Shape, out asOf) : member.Node.Shape.Accepts(text))
        )
            return Fail("an envelope member of the wrong type or form");
        switch (member.Field)
        {
            case EnvelopeField.MatchStatus:
                return (MatchStatus = Minimization.MatchStatus.Of(text)) is not null || Fail("unknown matchStatus");
            case EnvelopeField.Source:
                return text.SequenceEqual(_terms.Source) || Fail("the source is not the one that was asked");
            case EnvelopeField.AsOf:
                AsOf = asOf;
                // Data of tomorrow would be fresh for ever.
                return !_terms.IsAhead(asOf) || Fail("asOf is in the future");
            case EnvelopeField.ReliableFrom:
                if (!ShapeCheck.TryDate(text, out var reliable))
                    return Fail("reliableFrom is no date");
                ReliableFrom = reliable;
                return true;
            default:
                return true;
        }
    }

    private bool Fail(string defect)
    {
        Defect ??= defect;
        return false;
    }
}

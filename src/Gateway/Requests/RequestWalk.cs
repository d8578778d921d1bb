using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Requests;

/// <summary>One forward pass over a request body: every member is checked against the closed contract, all errors are collected.</summary>
internal ref struct RequestWalk
{
    private readonly Shape _shape;
    private readonly ReadOnlyMemory<byte> _body;
    private readonly RequestErrors _errors;
    private readonly bool _isLine;
    private readonly char[] _text;
    private Utf8JsonReader _reader;

    public RequestWalk(Shape shape, ReadOnlyMemory<byte> body, RequestErrors errors, bool isLine, char[] text)
    {
        (_shape, _body, _errors, _isLine, _text) = (shape, body, errors, isLine, text);
        _reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 32 });
        Values = new ReadOnlyMemory<byte>[shape.Members.Length];
        Texts = new string?[shape.Members.Length];
    }

    /// <summary>Root members as they stand in the body, by their place in the contract; empty where one is absent.</summary>
    public ReadOnlyMemory<byte>[] Values { get; }

    /// <summary>Texts of root members that carry a rule.</summary>
    public string?[] Texts { get; }
    public string? Scheme { get; private set; }
    public string? Value { get; private set; }
    public List<string> Fields { get; } = [];

    /// <summary>Reference of a batch line; null when it has none of the right form.</summary>
    public string? Reference { get; private set; }

    /// <summary>
    /// Walks the whole body, once: what it read into the caller's characters is gone afterwards, for it held an identifier.
    /// </summary>
    /// <returns>Whether the body is JSON in Unicode. The exception that said it is not would quote the body.</returns>
    public bool TryRun()
    {
        try
        {
            Run();
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
        finally
        {
            Array.Clear(_text);
        }
    }

    private void Run()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
            Wrong("", ShapeKind.Object);
        else
            Members(_shape, "", root: true);
        // Trailing content throws; there is nothing to read otherwise.
        while (_reader.Read()) { }
    }

    private void Members(Shape shape, string pointer, bool root)
    {
        var (seen, reference, position) = (0UL, false, 0);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            position++;
            var index = Find(shape);
            if (index < 0)
            {
                if (root && _isLine && !reference && _reader.ValueTextEquals("reference"u8))
                {
                    reference = true;
                    ReadReference();
                    continue;
                }

                Unknown(pointer, position);
                continue;
            }

            var member = shape.Members[index];
            var at = $"{pointer}/{member.Name}";
            if ((seen & (1UL << index)) != 0)
                _errors.Add(at, "duplicate-member");
            seen |= 1UL << index;
            _reader.Read();
            var start = (int)_reader.TokenStartIndex;
            One(member, at, root, index);
            if (root)
                Values[index] = _body[start..(int)_reader.BytesConsumed];
        }

        for (var i = 0; i < shape.Members.Length; i++)
            if (shape.Members[i].Required && (seen & (1UL << i)) == 0)
                _errors.Add($"{pointer}/{shape.Members[i].Name}", "missing-member");
        if (root && _isLine && !reference)
            _errors.Add("/reference", "missing-member");
    }

    private void One(Member member, string at, bool root, int index)
    {
        if (root && member.Name == "subject")
            Subject(at);
        else if (root && member.Rule == "fields")
            FieldList(member.Shape, at);
        else if (Check(member.Shape, at) && root && member.Rule is not null)
            Texts[index] = Text().ToString();
    }

    // True when the value is a string of the right form, on which the reader stands.
    private bool Check(Shape shape, string at)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Object when _reader.TokenType == JsonTokenType.StartObject:
                Members(shape, at, root: false);
                return false;
            case ShapeKind.Array when _reader.TokenType == JsonTokenType.StartArray:
                var count = 0;
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                    Check(shape.Items!, $"{at}/{count++}");
                if (count > shape.MaxLength)
                    _errors.Add(at, "too-many-items", ShapeRule.Items(shape));
                return false;
            case ShapeKind.String when _reader.TokenType == JsonTokenType.String:
                if (_reader.ValueSpan.Length <= _text.Length && shape.Accepts(Text()))
                    return true;
                _errors.Add(at, "invalid-format", ShapeRule.Form(shape));
                return false;
            case ShapeKind.Integer when _reader.TokenType == JsonTokenType.Number:
                if (!_reader.TryGetInt64(out var number) || !shape.Accepts(number))
                    _errors.Add(at, "invalid-format", ShapeRule.Form(shape));
                return false;
            case ShapeKind.Boolean when _reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                return false;
            default:
                Wrong(at, shape.Kind);
                return false;
        }
    }

    // Scheme and value are judged by the grant, not by the shape, so that the caller learns which of the two is wrong and why.
    private void Subject(string at)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Wrong(at, ShapeKind.Object);
            return;
        }

        var (scheme, value, position) = (false, false, 0);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            position++;
            var isScheme = _reader.ValueTextEquals("scheme"u8);
            if (!isScheme && !_reader.ValueTextEquals("value"u8))
            {
                Unknown(at, position);
                continue;
            }

            var name = isScheme ? $"{at}/scheme" : $"{at}/value";
            if (isScheme ? scheme : value)
                _errors.Add(name, "duplicate-member");
            if (isScheme)
                scheme = true;
            else
                value = true;
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.String)
                Wrong(name, ShapeKind.String);
            else if (_reader.ValueSpan.Length > 256)
                _errors.Add(name, isScheme ? "identifier-scheme-not-allowed" : "invalid-identifier");
            else if (isScheme)
                Scheme = Text().ToString();
            else
                Value = Text().ToString();
        }

        if (!scheme)
            _errors.Add($"{at}/scheme", "missing-member");
        if (!value)
            _errors.Add($"{at}/value", "missing-member");
    }

    private void FieldList(Shape shape, string at)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Wrong(at, ShapeKind.Array);
            return;
        }

        var count = 0;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            if (Check(shape.Items!, $"{at}/{count++}"))
                Fields.Add(Text().ToString());
        // An empty list asks for nothing; it must not be read as asking for everything.
        if (count == 0)
            _errors.Add(at, "too-few-items");
        if (count > shape.MaxLength)
            _errors.Add(at, "too-many-items", ShapeRule.Items(shape));
    }

    private void ReadReference()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.String)
            Wrong("/reference", ShapeKind.String);
        else if (References.ReferenceFault(_reader.ValueSpan.Length > 384 ? default : Text()) is { } fault)
            _errors.Add("/reference", fault.Code, fault.Rule);
        else
            Reference = Text().ToString();
    }

    private readonly int Find(Shape shape)
    {
        for (var i = 0; i < shape.Members.Length; i++)
            if (_reader.ValueTextEquals(shape.Members[i].Utf8Name.Span))
                return i;
        return -1;
    }

    private readonly ReadOnlySpan<char> Text() => _text.AsSpan(0, _reader.CopyString(_text));

    private void Wrong(string at, ShapeKind wanted)
    {
        _errors.Add(at, "wrong-type", ShapeRule.Kind(wanted));
        _reader.Skip();
    }

    // A character has at most six bytes when it is escaped; a longer name is not said back.
    private void Unknown(string pointer, int position)
    {
        _errors.AddUnknown(pointer, _reader.ValueSpan.Length > 6 * MemberName.Longest ? default : Text(), position);
        _reader.Read();
        _reader.Skip();
    }
}

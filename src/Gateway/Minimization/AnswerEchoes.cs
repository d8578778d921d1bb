using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Minimization;

// What an answer repeats of the question, beside what it answers: it must be what was asked, wherever and however it is spelt.
internal ref partial struct AnswerWalk
{
    // The members that a provider echoes beside the answer: the person as it was sent and, in a chunk, the line's reference.
    private bool OnEcho(out bool good)
    {
        good = true;
        if (_reader.ValueTextEquals("subject"u8))
        {
            if (_echoed)
                good = Fail("duplicate member");
            _echoed = true;
            _reader.Read();
            good = good && Echo();
            return true;
        }

        if (_terms.Line is null || !_reader.ValueTextEquals("reference"u8))
            return false;
        if (_referenced)
            good = Fail("duplicate member");
        _referenced = true;
        _reader.Read();
        var isSame = _reader.TokenType == JsonTokenType.String && _reader.ValueTextEquals(_terms.Line.Reference);
        good = good && (isSame || Fail("another reference"));
        return true;
    }

    private bool Echo()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            return Fail("subject is no object");
        var (scheme, value) = (false, false);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var isScheme = _reader.ValueTextEquals("scheme"u8);
            if (!isScheme && !_reader.ValueTextEquals("value"u8))
                return Fail("subject has another member");
            if (isScheme ? scheme : value)
                return Fail("duplicate member");
            if (isScheme)
                scheme = true;
            else
                value = true;
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.String)
                return Fail("subject of the wrong type");
            if (!_reader.ValueTextEquals(isScheme ? _terms.Sent.Scheme : _terms.Sent.Value))
                WrongSubject = true;
        }

        return (scheme && value) || Fail("subject is incomplete");
    }

    // The reader stands on a name that the contract does not declare, or that only the gateway writes.
    private bool SkipUndeclared(AnswerNode node, int number, bool root)
    {
        Undeclared++;
        if (_terms.RefuseUndeclared)
            return Fail("an undeclared member, which this provider's file refuses");
        if (!_scratch.Names.Add(number, ref _reader))
            return Fail("duplicate member");
        var name = _reader.GetString()!;
        // Readers that do not mind the case would read the answer otherwise.
        if (IsVariant(node, name, root))
            return Fail("a declared name in another spelling");
        _reader.Read();
        // It consulted others, and not all of them answered.
        if (root && name == "sourcesUnavailable" && !IsEmpty(_reader))
            return Fail("a part of the answer is missing at the source");
        if (!IsRepeated(name, in _reader))
            return Fail("an answer to another question");
        if (root && _reader.TokenType == JsonTokenType.StartObject && !AreRepeated(_reader))
            return Fail("an answer to another question");
        return _scratch.Names.Skip(ref _reader) || Fail("duplicate member");
    }

    // A source may repeat the question as a whole, under any name.
    private bool AreRepeated(Utf8JsonReader members)
    {
        while (members.Read() && members.TokenType == JsonTokenType.PropertyName)
        {
            var name = members.GetString()!;
            members.Read();
            if (!IsRepeated(name, in members))
                return false;
            members.Skip();
        }

        return true;
    }

    // Does a member, where it has the name of one of the question's, say what was asked? Null says nothing.
    private bool IsRepeated(string name, ref readonly Utf8JsonReader value)
    {
        if (value.TokenType == JsonTokenType.Null)
            return true;
        if (IsSpelt(name, "subject"))
            WrongSubject |= !IsPerson(value);
        return AnswerNode.FindAsked(_tree.Asked, name) is not { } asked || IsAsAsked(asked, in value);
    }

    // What is no person at all may be called a subject too: it is taught at schools.
    private readonly bool IsPerson(Utf8JsonReader subject)
    {
        if (subject.TokenType != JsonTokenType.StartObject)
            return true;
        while (subject.Read() && subject.TokenType == JsonTokenType.PropertyName)
        {
            var isValue = subject.ValueTextEquals("value"u8);
            subject.Read();
            if (isValue && !(subject.TokenType == JsonTokenType.String && subject.ValueTextEquals(_terms.Sent.Value)))
                return false;
            subject.Skip();
        }

        return true;
    }

    private readonly bool IsVariant(AnswerNode node, string name, bool root)
    {
        foreach (var member in node.Members)
            if (name != member.Name.Value && IsSpelt(name, member.Name.Value))
                return true;
        return root && (IsSpelt(name, "subject") || (_terms.Line is not null && IsSpelt(name, "reference")));
    }

    /// <summary>Is it this name but for case, blanks, hyphens and underscores?</summary>
    internal static bool IsSpelt(string name, string declared) =>
        name.Equals(declared, StringComparison.OrdinalIgnoreCase)
        || string.Concat(name.Where(char.IsLetterOrDigit)).Equals(declared, StringComparison.OrdinalIgnoreCase);

    private static bool IsEmpty(Utf8JsonReader list) =>
        list.TokenType == JsonTokenType.Null
        || (list.TokenType == JsonTokenType.StartArray && list.Read() && list.TokenType == JsonTokenType.EndArray);

    private readonly bool IsAsAsked(Member member, ref readonly Utf8JsonReader value) =>
        _terms.Question is not { } question || question.Asks(member.Name, in value);
}

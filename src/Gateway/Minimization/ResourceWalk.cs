using System.Text.Json;
using Agreements;
using Gateway.Problems;

namespace Gateway.Minimization;

/// <summary>
/// One resource of the type asked for: looked at first (<see cref="Judge"/>), with a copy of the reader, and written afterwards,
/// so that what has to be dropped is known before anything of it is written. F-numbers are those of the health page, section 4.
/// </summary>
internal ref struct ResourceWalk(FhirReleasePlan plan, ReleaseTerms terms, Scratch scratch)
{
    private bool _write;
    private bool _subject;

    /// <summary>What refuses the whole answer; null while nothing does.</summary>
    public Problem? Fault { get; private set; }
    public string? Defect { get; private set; }
    public ulong Released { get; private set; }
    public ulong Stripped { get; private set; }
    public int Undeclared { get; private set; }

    /// <summary>F16.</summary>
    public bool IsInError { get; private set; }

    /// <summary>What becomes of an element.</summary>
    internal enum Fate
    {
        /// <summary>It, or part of it, is released.</summary>
        Kept,

        /// <summary>Nothing of it is released.</summary>
        Empty,

        /// <summary>F12 left a coding array inside it empty: the nearest backbone item goes (F14).</summary>
        Emptied,

        /// <summary>Something mandatory is missing inside it: the resource goes (F15).</summary>
        Missing,

        /// <summary>The whole answer is refused.</summary>
        Refused,
    }

    /// <summary>Checks the resource on whose start the reader stands and says what becomes of it.</summary>
    public Fate Judge(Utf8JsonReader reader)
    {
        (_write, _subject) = (false, false);
        var fate = Children(ref reader, plan.Root);
        if (fate == Fate.Refused)
            return fate;
        // F7: about nobody that can be verified.
        return _subject ? fate : Refuse(Problem.ProviderWrongSubject, "a resource without its subject");
    }

    /// <summary>Writes the resource that <see cref="Judge"/> kept.</summary>
    public void Write(Utf8JsonReader reader)
    {
        _write = true;
        var json = scratch.Json;
        json.WriteStartObject();
        json.WriteString("resourceType"u8, plan.Type.Name);
        // F18: incomplete by design.
        json.WriteStartObject("meta"u8);
        json.WriteStartArray("tag"u8);
        BundleWriter.Tag(json, "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED");
        json.WriteEndArray();
        json.WriteEndObject();
        scratch.Lazy.Reset();
        Children(ref reader, plan.Root);
        if (plan.WritesPayor && terms.Fhir!.Payor is { } payor)
            WritePayor(json, payor);
        json.WriteEndObject();
        Released |= plan.WrittenBits;
    }

    /// <summary>Forgets what belonged to the last resource alone.</summary>
    public void Forget() => IsInError = false;

    private Fate Children(ref Utf8JsonReader reader, ElementNode node)
    {
        var root = node == plan.Root;
        var (seen, present, fate, typed) = (0UL, 0UL, Fate.Kept, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // F5: an unknown modifier may turn a statement into its opposite, so it is never stripped.
            if (reader.ValueTextEquals("modifierExtension"u8) || (root && reader.ValueTextEquals("implicitRules"u8)))
                return Refuse(Problem.ProviderModifierRefused, "a modifier");
            if (root && reader.ValueTextEquals("resourceType"u8))
            {
                if (typed)
                    return Refuse(Problem.ProviderInvalidAnswer, "resourceType twice");
                typed = true;
                reader.Read();
                continue;
            }

            if (root && reader.ValueTextEquals(plan.SubjectName.EncodedUtf8Bytes))
            {
                if (Subject(ref reader) == Fate.Refused)
                    return Fate.Refused;
                continue;
            }

            var index = node.Find(ref reader);
            if (index < 0 || !node.Children[index].Released)
            {
                Strip(ref reader, index < 0 ? null : node.Children[index]);
                continue;
            }

            if ((seen & (1UL << index)) != 0)
                return Refuse(Problem.ProviderInvalidAnswer, "duplicate element");
            seen |= 1UL << index;
            var child = node.Children[index];
            reader.Read();
            if (_write)
                scratch.Lazy.Name(child.Text);
            var one = child.Repeats ? Items(ref reader, child) : One(ref reader, child, root);
            if (one == Fate.Refused)
                return one;
            if (one == Fate.Kept)
                present |= 1UL << index;
            if (one is Fate.Emptied || (one is Fate.Missing && fate != Fate.Emptied))
                fate = one;
        }

        if (fate != Fate.Kept)
            return fate;
        foreach (var demand in node.Demands)
            if ((present & demand) == 0)
                return Fate.Missing;
        return present == 0 && !root ? Fate.Empty : Fate.Kept;
    }

    private Fate One(ref Utf8JsonReader reader, ElementNode node, bool atRoot)
    {
        if (node.Leaf is not null)
            return Leaf(ref reader, node, atRoot);
        if (reader.TokenType != JsonTokenType.StartObject)
            return Refuse(Problem.ProviderInvalidAnswer, "an object was expected");
        if (_write)
            scratch.Lazy.Enter(array: false);
        var fate = Children(ref reader, node);
        if (_write)
            scratch.Lazy.Leave();
        return fate;
    }

    private Fate Items(ref Utf8JsonReader reader, ElementNode node)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return Refuse(Problem.ProviderInvalidAnswer, "an array was expected");
        var (kept, dropped, fate) = (0, 0, Fate.Kept);
        if (_write)
            scratch.Lazy.Enter(array: true);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var one = node.Codes is not null || node.IsDroppable ? Choose(ref reader, node) : One(ref reader, node, atRoot: false);
            if (one == Fate.Refused)
                return one;
            if (one == Fate.Kept)
                kept++;
            else if (one == Fate.Emptied && (node.Codes is not null || node.IsDroppable))
                dropped++;
            else if (one is Fate.Emptied || (one is Fate.Missing && fate != Fate.Emptied))
                fate = one;
        }

        if (_write)
            scratch.Lazy.Leave();
        if (fate != Fate.Kept)
            return fate;
        return kept > 0 ? Fate.Kept
            : dropped > 0 ? Fate.Emptied
            : Fate.Empty;
    }

    // An item that may have to go: judged on a copy of the reader, then written or passed over.
    private Fate Choose(ref Utf8JsonReader reader, ElementNode node)
    {
        var ahead = reader;
        var writing = _write;
        // In the writing pass it was counted before.
        var counted = Undeclared;
        _write = false;
        var fate = One(ref ahead, node, atRoot: false);
        _write = writing;
        if (fate == Fate.Refused)
            return fate;
        if (node.Codes is { } codes && fate != Fate.Missing && !IsAllowed(reader, codes))
            fate = Fate.Emptied;
        if (fate == Fate.Emptied)
            Undeclared++;
        if (writing)
            Undeclared = counted;
        if (fate == Fate.Kept && writing)
            One(ref reader, node, atRoot: false);
        else
            reader.Skip();
        return fate;
    }

    private Fate Leaf(ref Utf8JsonReader reader, ElementNode node, bool atRoot)
    {
        if (!FhirLeaf.Accepts(ref reader, node.Leaf!, scratch.Text, out var text))
            return Refuse(Problem.ProviderInvalidAnswer, "a value of the wrong type or form");
        if (atRoot && node.Name == "status" && text is "entered-in-error")
            IsInError = true;
        if (!_write)
            return Fate.Kept;
        Released |= node.Bit;
        var json = scratch.Lazy.Value();
        if (reader.TokenType == JsonTokenType.String)
            json.WriteStringValue(text);
        else if (reader.TokenType == JsonTokenType.Number)
            json.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
        else
            json.WriteBooleanValue(reader.TokenType == JsonTokenType.True);
        return Fate.Kept;
    }

    // F7 and F17: the provider's subject is verified, never copied; the identifier that the caller used is written.
    private Fate Subject(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (_write)
        {
            reader.Skip();
            var json = scratch.Json;
            json.WriteStartObject(plan.SubjectName);
            BundleWriter.Identifier(json, BundleWriter.SystemOf(terms), terms.Asked.Value);
            json.WriteEndObject();
            return Fate.Kept;
        }

        if (_subject)
            return Refuse(Problem.ProviderInvalidAnswer, "the subject twice");
        _subject = true;
        return PersonCheck.Read(ref reader, terms) switch
        {
            PersonCheck.Finding.Same => Fate.Kept,
            PersonCheck.Finding.Other => Refuse(Problem.ProviderWrongSubject, "a resource about another person"),
            PersonCheck.Finding.Modified => Refuse(Problem.ProviderModifierRefused, "a modifier on the subject"),
            _ => Refuse(Problem.ProviderInvalidAnswer, "the subject is not well formed"),
        };
    }

    private void Strip(ref Utf8JsonReader reader, ElementNode? known)
    {
        if (known is not null)
            Stripped |= known.Bit;
        else if (!_write)
            Undeclared++;
        reader.Read();
        reader.Skip();
    }

    private readonly bool IsAllowed(Utf8JsonReader coding, System.Collections.Immutable.ImmutableArray<AllowedCode> codes)
    {
        string? system = null,
            code = null;
        while (coding.Read() && coding.TokenType == JsonTokenType.PropertyName)
        {
            var (isSystem, isCode) = (coding.ValueTextEquals("system"u8), coding.ValueTextEquals("code"u8));
            coding.Read();
            if (isSystem)
                system = coding.GetString();
            else if (isCode)
                code = coding.GetString();
            else
                coding.Skip();
        }

        foreach (var allowed in codes)
            if (allowed.System == system && allowed.Code == code)
                return true;
        return false;
    }

    private static void WritePayor(Utf8JsonWriter json, FhirIdentifier payor)
    {
        json.WriteStartArray("payor"u8);
        json.WriteStartObject();
        BundleWriter.Identifier(json, payor.System, payor.Value);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private Fate Refuse(Problem problem, string defect)
    {
        Fault ??= problem;
        Defect ??= defect;
        return Fate.Refused;
    }
}

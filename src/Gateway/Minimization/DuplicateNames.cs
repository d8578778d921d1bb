using System.Text.Json;

namespace Gateway.Minimization;

/// <summary>
/// Finds a name that stands twice in one object among members that the contract does not declare. They never leave, but an
/// answer that two readers read differently is no answer. Names are compared with their escapes resolved; used only on
/// answers that carry undeclared members at all.
/// </summary>
internal sealed class DuplicateNames
{
    private readonly HashSet<(int Object, string Name)> _seen = [];
    private int _objects;

    /// <summary>A number for the next object of this answer.</summary>
    public int NextObject() => ++_objects;

    /// <summary>Notes the name on which the reader stands; false when this object had it before.</summary>
    public bool Add(int ofObject, ref Utf8JsonReader reader) => _seen.Add((ofObject, reader.GetString()!));

    /// <summary>Walks over the value on which the reader stands; false when an object inside it has a name twice.</summary>
    public bool Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return true;
        Span<int> objects = stackalloc int[64];
        var depth = 0;
        while (true)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    objects[depth++] = NextObject();
                    break;
                case JsonTokenType.StartArray:
                    objects[depth++] = 0;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.PropertyName when !Add(objects[depth - 1], ref reader):
                    return false;
                default:
                    break;
            }

            if (depth == 0)
                return true;
            if (!reader.Read())
                return false;
        }
    }

    /// <summary>Forgets the answer.</summary>
    public void Clear()
    {
        _seen.Clear();
        if (_seen.Capacity > 1024)
            _seen.TrimExcess();
        _objects = 0;
    }
}

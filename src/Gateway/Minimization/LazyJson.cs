using System.Text.Json;

namespace Gateway.Minimization;

/// <summary>
/// Opens objects and arrays only when something inside them is written, so that an object left empty by the release is
/// omitted (exchanges page, section 1.8).
/// </summary>
internal sealed class LazyJson(Utf8JsonWriter json)
{
    private const int MostDepth = 40;

    private readonly JsonEncodedText[] _names = new JsonEncodedText[MostDepth];
    private readonly bool[] _named = new bool[MostDepth];
    private readonly bool[] _array = new bool[MostDepth];
    private JsonEncodedText _name;
    private bool _hasName;
    private int _depth;
    private int _open;

    /// <summary>Was anything written since the last reset?</summary>
    public bool IsEmpty => _open == 0;

    /// <summary>Names the next value.</summary>
    public void Name(JsonEncodedText name) => (_name, _hasName) = (name, true);

    /// <summary>Enters an object or array that may stay empty.</summary>
    public void Enter(bool array)
    {
        (_names[_depth], _named[_depth], _array[_depth]) = (_name, _hasName, array);
        _hasName = false;
        _depth++;
    }

    /// <summary>Leaves the innermost object or array; true when something of it was written.</summary>
    public bool Leave()
    {
        _depth--;
        _hasName = false;
        if (_open <= _depth)
            return false;
        _open = _depth;
        if (_array[_depth])
            json.WriteEndArray();
        else
            json.WriteEndObject();
        return true;
    }

    /// <summary>Opens all that is entered and writes the name of the value that follows.</summary>
    public Utf8JsonWriter Value()
    {
        for (; _open < _depth; _open++)
        {
            if (_named[_open])
                json.WritePropertyName(_names[_open]);
            if (_array[_open])
                json.WriteStartArray();
            else
                json.WriteStartObject();
        }

        if (_hasName)
            json.WritePropertyName(_name);
        _hasName = false;
        return json;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset() => (_hasName, _depth, _open) = (false, 0, 0);
}

using System.Diagnostics.CodeAnalysis;

namespace Ledger;

/// <summary>
/// The part of RFC 9651 that a receipt needs: a dictionary whose members are Strings, Integers and Byte Sequences. Other item types and
/// parameters are refused only when they cannot be skipped; a repeated key keeps its last value, as §4.2.2 says.
/// </summary>
internal static class StructuredFields
{
    private const string KeyStart = "abcdefghijklmnopqrstuvwxyz*";
    private const string KeyRest = KeyStart + "0123456789_-.";

    public static bool TryDictionary(string text, [NotNullWhen(true)] out Dictionary<string, object>? members)
    {
        members = null;
        var read = new Dictionary<string, object>(StringComparer.Ordinal);
        var rest = text.AsSpan().Trim(' ');
        while (!rest.IsEmpty)
        {
            if (!TryKey(ref rest, out var key) || !TryValue(ref rest, out var value) || !TryParameters(ref rest))
            {
                return false;
            }

            read[key] = value;
            rest = rest.TrimStart(" \t");
            if (rest.IsEmpty)
            {
                break;
            }

            if (rest[0] != ',')
            {
                return false;
            }

            rest = rest[1..].TrimStart(" \t");
            if (rest.IsEmpty)
            {
                return false;
            }
        }

        members = read;
        return true;
    }

    private static bool TryKey(ref ReadOnlySpan<char> rest, out string key)
    {
        var length = rest.IndexOfAnyExcept(KeyRest);
        length = length < 0 ? rest.Length : length;
        key = rest[..length].ToString();
        rest = rest[length..];
        return key.Length > 0 && KeyStart.Contains(key[0]);
    }

    /// <summary>A key without <c>=</c> is the Boolean true.</summary>
    private static bool TryValue(ref ReadOnlySpan<char> rest, out object value)
    {
        value = true;
        if (rest.IsEmpty || rest[0] != '=')
        {
            return true;
        }

        rest = rest[1..];
        return TryItem(ref rest, out value);
    }

    private static bool TryParameters(ref ReadOnlySpan<char> rest)
    {
        while (!rest.IsEmpty && rest[0] == ';')
        {
            rest = rest[1..].TrimStart(' ');
            if (!TryKey(ref rest, out _) || !TryValue(ref rest, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryItem(ref ReadOnlySpan<char> rest, out object value)
    {
        value = false;
        return !rest.IsEmpty
            && rest[0] switch
            {
                '"' => TryString(ref rest, out value),
                ':' => TryBytes(ref rest, out value),
                '?' => TryBoolean(ref rest, out value),
                '-' or (>= '0' and <= '9') => TryInteger(ref rest, out value),
                _ => TryToken(ref rest, out value),
            };
    }

    private static bool TryString(ref ReadOnlySpan<char> rest, out object value)
    {
        value = "";
        var text = new System.Text.StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case '"':
                    rest = rest[(i + 1)..];
                    value = text.ToString();
                    return true;
                case '\\' when i + 1 < rest.Length && rest[i + 1] is '"' or '\\':
                    text.Append(rest[++i]);
                    break;
                case >= ' ' and <= '~' and not '\\':
                    text.Append(rest[i]);
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    private static bool TryBytes(ref ReadOnlySpan<char> rest, out object value)
    {
        value = "";
        var end = rest[1..].IndexOf(':');
        if (end < 0 || !Notes.SignedNote.TryBase64(rest.Slice(1, end).ToString(), out var bytes))
        {
            return false;
        }

        value = bytes;
        rest = rest[(end + 2)..];
        return true;
    }

    private static bool TryBoolean(ref ReadOnlySpan<char> rest, out object value)
    {
        value = rest.StartsWith("?1", StringComparison.Ordinal);
        var right = rest.Length >= 2 && rest[1] is '0' or '1';
        rest = right ? rest[2..] : rest;
        return right;
    }

    private static bool TryInteger(ref ReadOnlySpan<char> rest, out object value)
    {
        var sign = rest[0] == '-' ? 1 : 0;
        var length = rest[sign..].IndexOfAnyExceptInRange('0', '9');
        length = sign + (length < 0 ? rest.Length - sign : length);
        value = 0L;
        var right = length - sign is >= 1 and <= 15 && (length == rest.Length || rest[length] != '.');
        if (right)
        {
            value = long.Parse(rest[..length], System.Globalization.CultureInfo.InvariantCulture);
            rest = rest[length..];
        }

        return right;
    }

    private static bool TryToken(ref ReadOnlySpan<char> rest, out object value)
    {
        value = false;
        if (!char.IsAsciiLetter(rest[0]) && rest[0] != '*')
        {
            return false;
        }

        var length = rest.IndexOfAny(" \t,;=\"()");
        rest = length < 0 ? [] : rest[length..];
        return true;
    }
}

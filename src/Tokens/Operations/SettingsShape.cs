using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Tokens.Operations;

/// <summary>
/// Compares a section of the configuration with the type that it is read into, before the framework's binder does: what the binder leaves
/// out, or says in
/// words about its own types, is one sentence each here. No value is repeated, for one that stands in a wrong place may be a secret.
/// </summary>
internal static class SettingsShape
{
    private const int MostAlike = 3;

    /// <summary>Everything that does not fit, each a sentence that begins with the setting's full name.</summary>
    internal static IReadOnlyList<string> Faults(IConfigurationSection section, Type type)
    {
        var faults = new List<string>();
        Look(section, type, faults);
        return faults;
    }

    private static void Look(IConfigurationSection section, Type type, List<string> faults)
    {
        var children = section.GetChildren().ToArray();
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (IsValue(bare))
        {
            if (children.Length > 0)
                faults.Add($"{section.Path} must be {Words(bare)}, and holds several values");
            else if (section.Value is { } text && !Reads(text, bare, type != bare))
                faults.Add($"{section.Path} must be {Words(bare)}");
            return;
        }

        if (section.Value is { Length: > 0 })
        {
            var wanted =
                IsNamed(bare) ? "names with values"
                : IsList(bare) ? "a list"
                : "settings of its own";
            faults.Add($"{section.Path} is a single value; it takes {wanted}");
            return;
        }

        foreach (var child in children)
        {
            if (IsNamed(bare) || IsList(bare))
                Look(child, bare.GetGenericArguments()[^1], faults);
            else if (Member(bare, child.Key) is { } member)
                Look(child, member.PropertyType, faults);
            else
                faults.Add($"{child.Path}: there is no such setting{Nearest(bare, child.Key)}");
        }
    }

    private static bool IsValue(Type type) =>
        type == typeof(string)
        || type == typeof(TimeSpan)
        || type.IsPrimitive
        || type.IsEnum
        || type == typeof(decimal)
        || type == typeof(Uri);

    private static bool IsNamed(Type type) => type.IsGenericType && typeof(IDictionary).IsAssignableFrom(type);

    private static bool IsList(Type type) => type.IsGenericType && !IsNamed(type) && typeof(IEnumerable).IsAssignableFrom(type);

    private static bool Reads(string text, Type type, bool mayBeEmpty)
    {
        if (type == typeof(string) || (text.Length == 0 && mayBeEmpty))
            return true;
        // "30" would be thirty days.
        if (type == typeof(TimeSpan) && !text.Contains(':', StringComparison.Ordinal))
            return false;
        // A number would name whatever stands at its place.
        if (type.IsEnum)
            return Array.Exists(Enum.GetNames(type), name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not double { } number || double.IsFinite(number);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Words(Type type) =>
        type switch
        {
            _ when type == typeof(string) => "a text",
            _ when type == typeof(TimeSpan) => "a time, written hours:minutes:seconds (00:00:05)",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(double) || type == typeof(float) || type == typeof(decimal) => "a number",
            { IsEnum: true } => string.Join(" or ", Enum.GetNames(type)),
            { IsPrimitive: true } => "a whole number",
            _ => "an address",
        };

    private static PropertyInfo? Member(Type type, string name) =>
        Array.Find(Members(type), one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    // Lists and dictionaries without a setter are filled as they are.
    private static PropertyInfo[] Members(Type type) =>
        [
            .. type.GetProperties()
                .Where(static one => one.SetMethod?.IsPublic == true || IsNamed(one.PropertyType) || IsList(one.PropertyType)),
        ];

    private static string Nearest(Type type, string name)
    {
        var best = Members(type).Select(one => (one.Name, Far: Distance(one.Name, name))).OrderBy(static one => one.Far).FirstOrDefault();
        return best.Name is not null && best.Far <= MostAlike ? $"; the nearest is {best.Name}" : "";
    }

    /// <summary>Characters that have to change, come or go until one text is the other.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (var i = 1; i <= left.Length; i++)
        {
            var (corner, first) = (row[0], char.ToUpperInvariant(left[i - 1]));
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var step = Math.Min(Math.Min(row[j], row[j - 1]) + 1, corner + (first == char.ToUpperInvariant(right[j - 1]) ? 0 : 1));
                (corner, row[j]) = (row[j], step);
            }
        }

        return row[^1];
    }
}

using System.Buffers;
using Agreements.Identifiers;

namespace Gateway.Requests;

/// <summary>
/// Forms of the caller's own references (exchanges page, sections 1.2 and 1.13). None of them may be a person's number: they
/// are kept where a person's number must never stand.
/// </summary>
internal static class References
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>A case or consent reference: <c>^[A-Za-z0-9][A-Za-z0-9._-]{3,63}$</c>.</summary>
    public static bool IsCase(ReadOnlySpan<char> text) => text.Length is >= 4 and <= 64 && char.IsAsciiLetterOrDigit(text[0]) && Sound(text);

    /// <summary>An agent's pseudonym or a batch reference: <c>^[A-Za-z0-9._-]{1,64}$</c>.</summary>
    public static bool IsReference(ReadOnlySpan<char> text) => text.Length is >= 1 and <= 64 && Sound(text);

    private static bool Sound(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Allowed) && !PersonNumber.IsIn(text);
}

using System.Buffers;
using Agreements.Identifiers;

namespace Gateway.Requests;

/// <summary>
/// Forms of the caller's own references (exchanges page, sections 1.2 and 1.13). None of them may be a person's number: they
/// are kept where a person's number must never stand.
/// </summary>
internal static class References
{
    /// <summary>Rule that a reference with a person's number breaks.</summary>
    public const string NoPersonNumber = "no ten digits in a row with a valid check digit, no one or two letters with five or six digits";
    private const string CasePattern = "pattern ^[A-Za-z0-9][A-Za-z0-9._-]{3,63}$",
        ReferencePattern = "pattern ^[A-Za-z0-9._-]{1,64}$";
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    );

    /// <summary>What is wrong with a case or consent reference, <c>^[A-Za-z0-9][A-Za-z0-9._-]{3,63}$</c>: code and rule; null when nothing
    /// is.</summary>
    public static (string Code, string Rule)? CaseFault(ReadOnlySpan<char> text) =>
        text.Length is >= 4 and <= 64 && char.IsAsciiLetterOrDigit(text[0]) ? Fault(text, CasePattern) : Form(CasePattern);

    /// <summary>What is wrong with an agent's pseudonym or a batch reference, <c>^[A-Za-z0-9._-]{1,64}$</c>: code and rule; null when
    /// nothing is.</summary>
    public static (string Code, string Rule)? ReferenceFault(ReadOnlySpan<char> text) =>
        text.Length is >= 1 and <= 64 ? Fault(text, ReferencePattern) : Form(ReferencePattern);

    private static (string Code, string Rule)? Fault(ReadOnlySpan<char> text, string pattern) =>
        text.ContainsAnyExcept(Allowed) ? Form(pattern)
        : PersonNumber.IsIn(text) ? ("looks-like-identifier", NoPersonNumber)
        : null;

    private static (string Code, string Rule) Form(string pattern) => ("invalid-format", pattern);
}

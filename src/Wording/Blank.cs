using System.Globalization;

namespace Wording;

/// <summary>What stands in a blank of a sentence: words or codes, a number, a day, a moment, or a list of those.</summary>
public readonly record struct Blank
{
    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = "\u202F", NumberDecimalDigits = 0 };
    private readonly Func<string, string> _say;

    private Blank(Func<string, string> say) => _say = say;

    /// <summary>The number, when it is one: it chooses the form of the sentence.</summary>
    public long? Number { get; private init; }

    /// <summary>Words in the reader's language, or a code.</summary>
    public static Blank Of(string words) => new(language => Isolation.Around(words, language));

    /// <summary>Words that are others in each language: given the language, they are said in it.</summary>
    public static Blank Of(Func<string, string> words) => new(language => Isolation.Around(words(language), language));

    /// <summary>A whole number, not negative, in groups of three.</summary>
    public static Blank Of(long number) => new(_ => number.ToString("N", Grouped)) { Number = number };

    /// <summary>A civil day, with the month's name.</summary>
    public static Blank Of(DateOnly day) => new(language => Isolation.Around(Days.Say(day, language), language));

    /// <summary>A moment, as day and hour of Casablanca.</summary>
    public static Blank Of(DateTimeOffset moment) => new(language => Isolation.Around(Days.Say(moment, language), language));

    /// <summary>An hour of the day.</summary>
    public static Blank Of(TimeOnly hour) => new(language => Isolation.Around(Days.Say(hour, language), language));

    /// <summary>Several, with the comma of the language.</summary>
    public static Blank List(IEnumerable<Blank> items)
    {
        Blank[] all = [.. items];
        return new(language => string.Join(Phrases.Separator(language), all.Select(item => item.Say(language))));
    }

    /// <summary>Several words or codes, with the comma of the language.</summary>
    public static Blank List(IEnumerable<string> items) => List(items.Select(Of));

    /// <inheritdoc cref="Of(string)"/>
    public static implicit operator Blank(string words) => Of(words);

    /// <inheritdoc cref="Of(long)"/>
    public static implicit operator Blank(long number) => Of(number);

    /// <inheritdoc cref="Of(DateOnly)"/>
    public static implicit operator Blank(DateOnly day) => Of(day);

    /// <inheritdoc cref="Of(DateTimeOffset)"/>
    public static implicit operator Blank(DateTimeOffset moment) => Of(moment);

    /// <inheritdoc cref="Of(TimeOnly)"/>
    public static implicit operator Blank(TimeOnly hour) => Of(hour);

    /// <summary>In a language, isolated where its direction may differ from the sentence's.</summary>
    public string Say(string language) => _say is null ? "" : _say(language);
}

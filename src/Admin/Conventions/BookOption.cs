using System.CommandLine;
using Admin.CommandLine;
using Admin.Texts;
using Agreements.Loading.Remembered;
using Agreements.Texts;

namespace Admin.Conventions;

/// <summary><c>--law-book</c>: what a program remembers of the law, so that the tool refuses what the program would.</summary>
internal static class BookOption
{
    internal static Option<string?> File { get; } = new("--law-book");

    /// <summary>Opens it for reading; null where it is not named.</summary>
    /// <exception cref="Declined">It is not there, or no book: a program that starts on it would not know what it was.</exception>
    internal static LawBook? Read(ParseResult parsed)
    {
        if (parsed.GetValue(File) is not { } file)
            return null;
        try
        {
            return LawBook.Open(System.IO.File.ReadAllText(file), static _ => { });
        }
        catch (InvalidDataException wrong)
        {
            throw Declined.Usage("file-says", file, Faults.Reason(wrong, Terminal.LanguageOf(parsed)));
        }
    }

    /// <summary>Says that nothing was compared with earlier law, where no book was named.</summary>
    internal static void SayIfNone(LawBook? book, Terminal terminal)
    {
        if (book is null)
            terminal.Line("! " + ConventionWords.Of("check-no-book", terminal.Language));
    }
}

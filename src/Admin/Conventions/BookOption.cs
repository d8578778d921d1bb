using System.CommandLine;
using Admin.CommandLine;
using Agreements.Loading.Remembered;
using Agreements.Texts;

namespace Admin.Conventions;

/// <summary><c>--law-book</c>: what a program remembers of the law, so that the tool refuses what the program would.</summary>
internal static class BookOption
{
    internal static Option<string?> File { get; } = new("--law-book")
    {
        Description = "What was law before: the gateway's file (setting LawBook), or law-book.json in the authority's state folder",
    };

    /// <summary>Opens it for reading; null where it is not named.</summary>
    /// <exception cref="Declined">It is not there, or no book: a program that starts on it would not know what it was.</exception>
    internal static LawBook? Read(ParseResult parsed)
    {
        if (parsed.GetValue(File) is not { } file) return null;
        try
        {
            return LawBook.Open(System.IO.File.ReadAllText(file), static _ => { });
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new Declined($"{file}: {wrong.Message}", Exit.Usage);
        }
    }

    /// <summary>Says that nothing was compared with earlier law, where no book was named.</summary>
    internal static void SayIfNone(LawBook? book, Terminal terminal)
    {
        if (book is null) terminal.Say("! " + ConventionWords.Of("check-no-book", terminal.Language));
    }
}

using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Agreements;
using AuditIndex.Retention;
using Ledger;
using Tokens.Operations;
using Tokens.Status;
using Tokens.Stores;
using Wording;

namespace Admin.Texts;

/// <summary>
/// What the parts below this tool throw, in the reader's language. They speak English to logs. A sentence of theirs that a person can do
/// something about has words of its own (<see cref="FaultSentences"/>); the rest is told by its kind.
/// </summary>
internal static class Faults
{
    /// <summary>Is it a fault of a file, a store, a key or a word on the command line, which a person can do something about?</summary>
    internal static bool IsKnown(Exception fault) =>
        fault
            is IOException
                or UnauthorizedAccessException
                or CryptographicException
                or FormatException
                or JsonException
                or ArgumentException
        || fault is InvalidDataException or InvalidOperationException or NotSupportedException or SocketException or HttpRequestException
        || fault
            is DbException
                or StoreRefused
                or StatusUnavailable
                or StartRefused
                or LedgerDamaged
                or LedgerUnavailable
                or RetentionRefused;

    /// <summary>The fault in a sentence.</summary>
    internal static string Say(Exception fault, string language) =>
        Own(fault, language)
        ?? Sentence(fault.Message, language)
        ?? fault switch
        {
            FileNotFoundException { FileName: { Length: > 0 } file } => Said.Of("file-missing", language, file),
            DirectoryNotFoundException => Said.Of("fault-folder-missing", language, Quoted(fault.Message)),
            IOException when fault.Message.Contains("already exists", StringComparison.Ordinal) => Said.Of(
                "fault-file-exists",
                language,
                Quoted(fault.Message)
            ),
            IOException when fault.GetBaseException() is SocketException => Said.Of("fault-address", language),
            UnauthorizedAccessException when fault.Message.Contains('\'', StringComparison.Ordinal) => Said.Of(
                "fault-no-access",
                language,
                Quoted(fault.Message)
            ),
            LedgerDamaged damaged => Damage(damaged.Place, damaged.Message[(damaged.Place.Length + 2)..], language),
            LedgerUnavailable => Said.Of("fault-not-sealed-now", language),
            DbException when fault.GetBaseException() is SocketException or TimeoutException => Said.Of("fault-server-silent", language),
            StoreRefused or DbException => Said.Of("fault-store", language, fault.Message),
            StartRefused refused => Said.Of("fault-settings", language, Settings(refused, language)),
            HttpRequestException or SocketException => Said.Of("fault-address", language),
            CryptographicException => Said.Of("fault-key-material", language),
            JsonException => Said.Of("fault-json", language),
            _ => Said.Of("fault-of-the-system", language, fault.Message),
        };

    /// <summary>
    /// Why a part below refused a file, in the language: by itself, or in our words; as it is when nothing is known of it.
    /// </summary>
    internal static string Reason(Exception fault, string language) => Own(fault, language) ?? Reason(fault.Message, language);

    /// <summary>A reason that a part below gave, in the language; as it is when nothing is known of it.</summary>
    internal static string Reason(string written, string language) => Sentence(written, language) ?? written;

    /// <summary>Our words for a sentence of theirs; null when there are none.</summary>
    internal static string? Sentence(string written, string language) =>
        FaultSentences.Find(written) is { } found
            ? Said.Of(found.Key, language, [.. found.Blanks.Select(blank => Value(blank, language))])
            : null;

    /// <summary>All that is wrong with settings, in the language.</summary>
    internal static Blank Settings(StartRefused refused, string language) =>
        Blank.List(refused.Faults.Select(fault => Setting(fault, language)));

    private static string Setting(string written, string language) =>
        FaultSentences.FindOfSettings(written) is { } found
            ? Said.Of(found.Key, language, [.. found.Blanks.Select(blank => (Blank)Setting(blank, language))])
            : written;

    // A reason within a sentence has words of its own; a day is said as one.
    private static Blank Value(string written, string language) =>
        DateOnly.TryParseExact(written, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : DateTimeOffset.TryParseExact(written, "u", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment
        : Reason(written, language);

    /// <summary>A log that is not what was signed.</summary>
    /// <param name="place">Where.</param>
    /// <param name="how">What was found there, as the reader of logs writes it.</param>
    /// <param name="language">Language.</param>
    internal static string Damage(string place, string how, string language) =>
        (Sentence(how, language) ?? (language == Languages.English ? how : null)) is { } words
            ? Said.Of("fault-damaged-how", language, place, words)
            : Said.Of("fault-damaged", language, place);

    // What a refused file says by itself, in every language; null of anything else, which says its message alone.
    private static string? Own(Exception fault, string language) =>
        RefusedFile.Say(fault, Languages.French) == fault.Message ? null : RefusedFile.Say(fault, language);

    private static string Quoted(string message) => message.Split('\'') is [_, var path, ..] ? path : "?";
}

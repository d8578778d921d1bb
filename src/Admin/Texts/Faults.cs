using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agreements;
using AuditIndex.Retention;
using Ledger;
using Tokens.Operations;
using Tokens.Status;
using Tokens.Stores;
using Wording;

namespace Admin.Texts;

/// <summary>
/// What the parts below this tool throw, in the reader's language. They speak English to logs; here each of their sentences that a person
/// can do
/// something about has its own words, and the rest those of its kind.
/// </summary>
internal static class Faults
{
    // Their sentence, as they write it, and ours.
    private static readonly (string Written, string Key)[] Sentences =
    [
        ("the year {0} is not over", "fault-year-not-over"),
        ("the log has not stopped: its last record is not stop", "fault-log-not-stopped"),
        ("a process still writes the log", "fault-log-still-written"),
        ("the log is not closed: its final checkpoint is not kept", "fault-log-not-closed"),
        ("records must be kept until {0}", "fault-must-be-kept"),
        ("the legal hold {0} stands", "fault-legal-hold"),
        ("the record has no text", "fault-record-without-text"),
        ("the text was erased before", "fault-text-erased"),
        ("there is no key of that quarter", "fault-no-key-of-quarter"),
        ("the ledger does not take records now, so it cannot be read either", "fault-not-sealed-now"),
        ("the ledger's socket does not answer", "fault-socket-silent"),
        ("the ledger's owner does not take these records from this process", "fault-socket-refuses"),
        ("the record is not known to be durable", "fault-not-durable"),
        ("another process owns the log", "fault-log-owned"),
        ("the status list does not answer", "fault-status-silent"),
        ("{0}: its SQLite file cannot be opened", "fault-sqlite-not-opened"),
        ("Postgres is not a connection string that Npgsql understands", "fault-postgres-text"),
        ("a password does not belong into the connection string: use PasswordFile, PGPASSWORD or PGPASSFILE", "fault-postgres-password"),
        ("a PostgreSQL server on another host needs SSL Mode=VerifyFull and Root Certificate", "fault-postgres-tls"),
        ("An officer id has 1 to 64 letters, digits, dots, underscores or hyphens.", "fault-officer-id"),
        ("A reason has 10 to {0} characters.", "fault-officer-reason"),
        ("Records and events hold pseudonyms: ask for them, or for a table.", "fault-pseudonyms"),
        ("A pack holds 1 to {0} records.", "fault-pack-size"),
        ("A decision record is for officers and inspectors only.", "fault-pack-decision"),
        ("The pack would not verify: {0}.", "fault-pack-policy"),
        ("The cursor of a feed holds something else than positions.", "fault-cursor"),
        ("not an exchange id", "fault-exchange-id"),
        ("Line {0} of the policy is not understood.", "fault-policy-line"),
        ("A policy names a log and a quorum.", "fault-policy-empty"),
        ("A key name has no white space and no plus sign.", "fault-key-name"),
        ("Not a C2SP verifier key (name+id+base64).", "fault-verifier-key"),
        ("not a list of certificates that were seen", "fault-seen"),
        ("key {0} is announced already and signs from {1}: one rotation at a time", "fault-ring-rotation"),
        ("the clock is earlier than the newest change of the key ring", "fault-ring-clock"),
        ("the signing key of the ring is past its time: {0}", "fault-ring-late"),
        ("the ring has no key {0}", "ring-without-key"),
        ("the key ring has no signing key", "fault-ring-empty"),
        ("the key ring names one key twice", "fault-ring-twice"),
        ("a key file of the ring can be read by others: chmod 0400", "fault-ring-mode"),
        ("a key file of the ring holds another key than its name says", "fault-ring-name"),
        ("revocation of {0}: no client authority has this name", "fault-revocation-name"),
        ("revocation of {0}: {1}", "fault-revocation"),
        ("the checkpoint is malformed", "fault-checkpoint-malformed"),
        ("the log has none", "fault-checkpoint-none"),
        ("the log {0} is not trusted", "fault-log-not-trusted"),
        ("the checkpoint is not signed by the key of {0}", "fault-checkpoint-other-key"),
        ("the checkpoint is not cosigned by the quorum of witnesses", "fault-checkpoint-no-quorum"),
        ("it is of {0}, not of {1}", "fault-checkpoint-of-another"),
        ("the log has {0} records, the index {1}: it was rolled back or replaced", "fault-rolled-back"),
        ("its bytes do not have the leaf hash of the tree", "fault-leaf"),
        ("{0}: it is not there", "fault-not-there"),
        ("{0}: it is empty, or no plain file", "fault-list-empty"),
        ("{0}: it holds no revocation list", "fault-list-other"),
        ("{0}: it holds something that is no revocation list", "fault-list-other"),
        ("{0}: it is not a certificate revocation list", "fault-list-other"),
        ("{0}: the list in the name of {1} is not signed by that authority with an algorithm of today", "fault-list-signature"),
        ("The collector does not answer.", "fault-collector-silent"),
        ("The collector ended the connection without confirming that it read everything.", "fault-collector-unconfirmed"),
    ];

    private static readonly Lazy<ImmutableArray<(Regex Written, string Key)>> Patterns =
        new(static () => [.. Sentences.Select(static one => (Pattern(one.Written), one.Key))]);

    /// <summary>Is it a fault of a file, a store, a key or a word on the command line, which a person can do something about?</summary>
    internal static bool IsKnown(Exception fault) =>
        fault
            is IOException or UnauthorizedAccessException or CryptographicException or FormatException or JsonException or ArgumentException
        || fault is InvalidDataException or InvalidOperationException or NotSupportedException or SocketException or HttpRequestException
        || fault
            is DbException or StoreRefused or StatusUnavailable or StartRefused or LedgerDamaged or LedgerUnavailable or RetentionRefused;

    /// <summary>The fault in a sentence.</summary>
    internal static string Say(Exception fault, string language) => Own(fault, language) ?? Sentence(fault.Message, language) ?? fault switch
    {
        FileNotFoundException { FileName: { Length: > 0 } file } => Said.Of("file-missing", language, file),
        DirectoryNotFoundException => Said.Of("fault-folder-missing", language, Quoted(fault.Message)),
        IOException when fault.Message.Contains("already exists", StringComparison.Ordinal) =>
            Said.Of("fault-file-exists", language, Quoted(fault.Message)),
        IOException when fault.GetBaseException() is SocketException => Said.Of("fault-address", language),
        UnauthorizedAccessException => Said.Of("fault-no-access", language, Quoted(fault.Message)),
        LedgerDamaged damaged => Damage(damaged.Place, damaged.Message[(damaged.Place.Length + 2)..], language),
        LedgerUnavailable => Said.Of("fault-not-sealed-now", language),
        StoreRefused or DbException => Said.Of("fault-store", language, fault.Message),
        StartRefused => Said.Of("fault-settings", language, fault.Message),
        CryptographicException => Said.Of("fault-key-material", language),
        JsonException => Said.Of("fault-json", language),
        _ => Said.Of("fault-of-the-system", language, fault.Message),
    };

    /// <summary>Why a part below refused a file, in the language: by itself, or in our words; as it is when nothing is known of it.</summary>
    internal static string Reason(Exception fault, string language) => Own(fault, language) ?? Reason(fault.Message, language);

    /// <summary>A reason that a part below gave, in the language; as it is when nothing is known of it.</summary>
    internal static string Reason(string written, string language) => Sentence(written, language) ?? written;

    /// <summary>Our words for a sentence of theirs; null when there are none.</summary>
    internal static string? Sentence(string written, string language)
    {
        foreach (var (pattern, key) in Patterns.Value)
            if (pattern.Match(written) is { Success: true } match)
                return Said.Of(key, language, [.. match.Groups.Values.Skip(1).Select(group => Value(group.Value, language))]);
        return null;
    }

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

    private static Regex Pattern(string written)
    {
        var text = Regex.Escape(written);
        for (var blank = 0; blank < 3; blank++) text = text.Replace($"\\{{{blank}}}", "(.+)", StringComparison.Ordinal);
        return new Regex(@"\A" + text + @"(?: \(Parameter '\w+'\))?\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}

using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Admin.Texts;

/// <summary>
/// Sentences that the parts below this tool write to logs, in English, and the keys of the same in the reader's language. A blank of
/// theirs is one of ours.
/// </summary>
internal static class FaultSentences
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
        ("{0} is empty", "fault-file-empty"),
        ("{0}: it holds no revocation list", "fault-list-other"),
        ("{0}: it holds something that is no revocation list", "fault-list-other"),
        ("{0}: it is not a certificate revocation list", "fault-list-other"),
        ("{0}: the list in the name of {1} is not signed by that authority with an algorithm of today", "fault-list-signature"),
        ("The collector does not answer.", "fault-collector-silent"),
        ("The collector ended the connection without confirming that it read everything.", "fault-collector-unconfirmed"),
        ("the file of the status list was replaced: put it back, or start the program again", "fault-status-replaced"),
        ("{0} is no regular file", "fault-secret-kind"),
        ("{0} belongs to another user (id {1}): give it to the user of the program", "fault-secret-owner"),
        ("{0} is open to others than its owner (mode {1}): chmod 0400", "fault-secret-open"),
        ("the status list (Status): {0}", "fault-status-why"),
        ("the status list (Status) is refused: {0}", "fault-status-why"),
        ("the status list (Status) names no File and no Postgres", "fault-status-nowhere"),
        ("the status list (Status) names a File and Postgres: a store has one place, so leave one of them out", "fault-status-twice"),
        ("the status list (Status) names a PasswordFile, which only Postgres takes", "fault-status-password"),
        ("its SQLite file cannot be opened", "fault-sqlite-not-opened"),
        ("Postgres names no Host", "fault-postgres-host"),
        (
            "the PostgreSQL server runs with fsync off: a power failure could forget what it has confirmed. Set fsync = on",
            "fault-postgres-fsync"
        ),
        (
            "the PostgreSQL server runs with full_page_writes off: a power failure could tear its pages. Set full_page_writes = on",
            "fault-postgres-pages"
        ),
        (
            "the PostgreSQL server is read-only: name the primary, or list all hosts with Target Session Attributes=primary",
            "fault-postgres-read-only"
        ),
        ("schema {0} is of version none, this program speaks version {1}", "fault-postgres-no-version"),
        ("schema {0} is of version {1}, this program speaks version {2}", "fault-postgres-version"),
        ("schema {0} is missing or old, and this role may not mend that: let the owner of the database run {1}", "fault-postgres-schema"),
        ("{0} is not a logged table: a crash of the server would empty it. ALTER TABLE {1} SET LOGGED", "fault-postgres-unlogged"),
        ("The schema audit_index is of another version: drop it and reindex.", "fault-index-version"),
        ("the record of the destruction was not published in time", "fault-not-published"),
        ("A period looks like 2026q4.", "fault-quarter"),
    ];

    // Of a file of settings: each of its faults begins with the setting's full name.
    private static readonly (string Written, string Key)[] Settings =
    [
        ("{0} must be {1}, and holds several values", "setting-several"),
        ("{0} must be {1}", "setting-kind"),
        ("{0} is a single value; it takes {1}", "setting-single"),
        ("{0}: there is no such setting; the nearest is {1}", "setting-unknown-near"),
        ("{0}: there is no such setting", "setting-unknown"),
        ("{0} cannot be read: {1}", "setting-unreadable"),
        ("{0}: it is no JSON object", "setting-no-object"),
        ("{0}: it is no JSON: line {1}, byte {2}", "setting-no-json"),
        ("{0}: it is not there", "fault-not-there"),
        ("{0}: it may not be read, or is a folder", "setting-no-access"),
        ("a text", "setting-text"),
        ("a time, written hours:minutes:seconds (00:00:05)", "setting-time"),
        ("true or false", "setting-switch"),
        ("a number", "setting-number"),
        ("a whole number", "setting-whole"),
        ("an address", "setting-address"),
        ("names with values", "setting-names"),
        ("a list", "setting-list"),
        ("settings of its own", "setting-own"),
    ];

    private static readonly Lazy<ImmutableArray<(Regex Written, string Key)>> AnyFault = new(static () => Patterns(Sentences)),
        OfSettings = new(static () => Patterns(Settings));

    /// <summary>All of them as they are written, for those who look whether somebody still writes them.</summary>
    internal static IEnumerable<string> Written => Sentences.Concat(Settings).Select(static one => one.Written);

    /// <summary>Our sentence for one of theirs, and what stood in its blanks; null when there is none.</summary>
    internal static (string Key, string[] Blanks)? Find(string written) => Find(AnyFault.Value, written);

    /// <summary>As the other, for what is wrong with settings.</summary>
    internal static (string Key, string[] Blanks)? FindOfSettings(string written) => Find(OfSettings.Value, written);

    private static (string Key, string[] Blanks)? Find(ImmutableArray<(Regex Written, string Key)> patterns, string written)
    {
        foreach (var (pattern, key) in patterns)
            if (pattern.Match(written) is { Success: true } match)
                return (key, [.. match.Groups.Values.Skip(1).Select(static group => group.Value)]);
        return null;
    }

    private static ImmutableArray<(Regex Written, string Key)> Patterns((string Written, string Key)[] sentences) =>
        [.. sentences.Select(static one => (Pattern(one.Written), one.Key))];

    private static Regex Pattern(string written)
    {
        var text = Regex.Escape(written);
        for (var blank = 0; blank < 3; blank++)
            text = text.Replace($"\\{{{blank}}}", "(.+)", StringComparison.Ordinal);
        return new Regex(@"\A" + text + @"(?: \(Parameter '\w+'\))?\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}

using AuditIndex;
using Ledger;
using Tokens.Renewal;

namespace Gateway.Followers;

/// <summary>
/// Where the search index is that this gateway fills: a folder of SQLite files, or PostgreSQL. Neither: none is filled here.
/// </summary>
public sealed class IndexSettings
{
    /// <summary>Folder of the monthly files; made when it does not exist.</summary>
    public string? Folder { get; set; }

    /// <summary>Connection string of PostgreSQL, without password; wins over the folder.</summary>
    public string? Postgres { get; set; }

    /// <summary>File with the password of that connection.</summary>
    public string? PasswordFile { get; set; }

    private Renewed<string>? _watched;

    /// <summary>Looks after the password file, if there is one: while it cannot be used, what it held before stays in force.</summary>
    /// <param name="watch">Looks.</param>
    /// <param name="name">Name of these settings.</param>
    internal void Watch(WatchedFiles watch, string name)
    {
        if (PasswordFile is { Length: > 0 } file)
            _watched = watch.Hold($"{name}:{nameof(PasswordFile)}", [file], () => ReadPassword(file));
    }

    /// <summary>The place that they name.</summary>
    internal IndexPlace Place =>
        new()
        {
            Folder = Folder,
            Postgres = Postgres,
            PasswordFile = PasswordFile,
            Password = _watched is null ? null : () => _watched.Current,
        };

    private static string ReadPassword(string file) =>
        SecretFile.ReadText(file).Trim() is { Length: > 0 } password ? password : throw new InvalidDataException($"{file} is empty");

    internal bool IsSet => Folder is { Length: > 0 } || Postgres is { Length: > 0 };
}

/// <summary>
/// One collector that is given every record of the log, at least once, from a cursor of its own (ledger page, section 17).
/// </summary>
public sealed class FeedSettings
{
    /// <summary>OCSF JSON lines, added to <see cref="File"/>.</summary>
    public const string OcsfFile = "ocsf-file";

    /// <summary>RFC 5424 over TLS to <see cref="Host"/>.</summary>
    public const string SyslogTls = "syslog-tls";

    /// <summary>Name of the feed in metrics and diagnostics; unique.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>ocsf-file</c> or <c>syslog-tls</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>File that remembers how far the collector was served; deleted, everything is served again.</summary>
    public string Cursor { get; set; } = "";

    /// <summary>The file that a collector tails, for <c>ocsf-file</c>.</summary>
    public string? File { get; set; }

    /// <summary>Host of the collector, for <c>syslog-tls</c>.</summary>
    public string? Host { get; set; }

    /// <summary>Its port.</summary>
    public int Port { get; set; } = 6514;

    /// <summary>Name that its certificate must bear; the host when left out.</summary>
    public string? ServerName { get; set; }

    /// <summary>PEM of the CA that its certificate chains to; nothing else is trusted.</summary>
    public string? Trust { get; set; }

    /// <summary>PEM of the certificate that is shown to it.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM of that certificate's key.</summary>
    public string? Key { get; set; }

    /// <summary>HOSTNAME of the messages: this node.</summary>
    public string Node { get; set; } = "gateway";

    /// <summary>Private enterprise number of the structured data (IANA).</summary>
    public int EnterpriseNumber { get; set; } = 32473;
}

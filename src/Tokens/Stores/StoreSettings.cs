using Microsoft.Data.Sqlite;
using Tokens.Renewal;

namespace Tokens.Stores;

/// <summary>Where a replay guard, a status list or a register lives: a SQLite file for the programs of one host, or PostgreSQL for
/// several nodes.</summary>
public sealed class StoreSettings
{
    private string? _usual;
    private Renewed<string>? _watched;
    private Func<string, string> _readSecret = System.IO.File.ReadAllText;

    /// <summary>SQLite file; made when it does not exist. Null when <see cref="Postgres"/> is set.</summary>
    public string? File { get; set; }

    /// <summary>
    /// Npgsql connection string without a password. A server on another host needs <c>SSL Mode=VerifyFull</c>. Null when <see cref="File"/>
    /// is set.
    /// </summary>
    public string? Postgres { get; set; }

    /// <summary>File with the password (a deployment secret), read again for every connection. Null: PGPASSWORD or PGPASSFILE of the
    /// environment, or none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>
    /// A store in this SQLite file unless the configuration names another place. It is no <see cref="File"/>: whoever sets
    /// <see cref="Postgres"/> has named one place, not two.
    /// </summary>
    /// <param name="file">The file.</param>
    public static StoreSettings Usually(string file) => new() { _usual = file };

    /// <summary>These settings, with a usual file where they name no place.</summary>
    /// <param name="file">The file.</param>
    public StoreSettings Or(string file) =>
        new()
        {
            File = File,
            Postgres = Postgres,
            PasswordFile = PasswordFile,
            _watched = _watched,
            _readSecret = _readSecret,
            _usual = _usual ?? file,
        };

    /// <summary>
    /// Looks after the password file, if there is one: a change is logged and counted, and while the file cannot be used, connections are
    /// made with the password that it held before.
    /// </summary>
    /// <param name="watch">Looks.</param>
    /// <param name="name">Name of these settings.</param>
    /// <param name="readSecret">Reads a secret's file; throws where the file breaks the rule for secrets.</param>
    /// <exception cref="InvalidDataException">It is empty.</exception>
    /// <exception cref="UnauthorizedAccessException">It breaks the rule for secrets.</exception>
    public void Watch(WatchedFiles watch, string name, Func<string, string> readSecret)
    {
        _readSecret = readSecret;
        if (PasswordFile is { Length: > 0 } file)
            _watched = watch.Hold($"{name}:{nameof(PasswordFile)}", [file], () => ReadPassword(file));
    }

    /// <summary>The password for a connection that is made now: the file's, or the last that was good. Null when none is named.</summary>
    internal Func<string>? Password =>
        PasswordFile is not { Length: > 0 } file
            ? null
            : () =>
            {
                try
                {
                    return ReadPassword(file);
                }
                catch (Exception fault)
                    when (_watched is not null && fault is (IOException or UnauthorizedAccessException or InvalidDataException))
                {
                    return _watched.Current;
                }
            };

    private string ReadPassword(string file) =>
        _readSecret(file).Trim() is { Length: > 0 } password ? password : throw new InvalidDataException($"{file} is empty");

    /// <summary>The SQLite file that is used; null with PostgreSQL, or when no place is named.</summary>
    internal string? Place =>
        IsServer ? null
        : File is { Length: > 0 } ? File
        : _usual;

    /// <summary>What is wrong with them, to follow their name; null when nothing is. Repeats nothing of a connection string.</summary>
    internal string? Fault()
    {
        if (IsServer && File is { Length: > 0 })
            return "names a File and Postgres: a store has one place, so leave one of them out";
        if (!IsServer)
            return Place is null ? "names no File and no Postgres"
                : PasswordFile is { Length: > 0 } ? "names a PasswordFile, which only Postgres takes"
                : null;
        try
        {
            PostgresServer.Check(this);
            return null;
        }
        catch (StoreRefused refused)
        {
            return $"is refused: {refused.Message}";
        }
    }

    /// <summary>Picks the store. Nothing of the settings is repeated in an exception's text.</summary>
    /// <param name="name">What is kept there, for people, for example <c>the status list</c>.</param>
    /// <param name="sqlite">Opens the file.</param>
    /// <param name="postgres">Opens the database.</param>
    /// <exception cref="StoreRefused">They name no store, or one that may not be used; names the store.</exception>
    internal T Open<T>(string name, Func<string, T> sqlite, Func<StoreSettings, T> postgres)
    {
        if (Fault() is { } fault)
            throw new StoreRefused($"{name} {fault}");
        try
        {
            return IsServer ? postgres(this) : sqlite(Place!);
        }
        catch (StoreRefused refused)
        {
            throw new StoreRefused($"{name}: {refused.Message}", refused.InnerException);
        }
        catch (SqliteException exception)
        {
            throw new StoreRefused($"{name}: its SQLite file cannot be opened", exception);
        }
    }

    private bool IsServer => Postgres is { Length: > 0 };
}

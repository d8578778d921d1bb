using Microsoft.Data.Sqlite;

namespace Tokens.Stores;

/// <summary>Where a replay guard or a status list lives: a SQLite file for the programs of one host, or PostgreSQL for several nodes.</summary>
public sealed class StoreSettings
{
    /// <summary>SQLite file; made when it does not exist. Null when <see cref="Postgres"/> is set.</summary>
    public string? File { get; set; }

    /// <summary>Npgsql connection string without a password. A server on another host needs <c>SSL Mode=VerifyFull</c>. Null when <see cref="File"/> is set.</summary>
    public string? Postgres { get; set; }

    /// <summary>File with the password (a deployment secret), read again for every connection. Null: PGPASSWORD or PGPASSFILE of the environment, or none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Picks the store. Nothing of the settings is repeated in an exception's text.</summary>
    internal T Open<T>(Func<string, T> sqlite, Func<StoreSettings, T> postgres)
    {
        var (file, server) = (File is { Length: > 0 }, Postgres is { Length: > 0 });
        if (file == server) throw new StoreRefused(file ? "a store has a File or Postgres, not both" : "a store needs a File or Postgres");
        if (server) return postgres(this);
        try
        {
            return sqlite(File!);
        }
        catch (SqliteException exception)
        {
            throw new StoreRefused("the SQLite file of a store cannot be opened", exception);
        }
    }
}

using System.Net;
using Npgsql;

namespace Tokens.Stores;

/// <summary>
/// A PostgreSQL server that may hold a store. Every new connection is looked at, for a server can come back with other settings than it
/// had: one that does not sync its log, or cannot be written, is refused. There is no switch to allow it.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    private const int Seconds = 2;
    private readonly NpgsqlDataSource _source;
    private readonly PostgresSchema _schema;

    /// <exception cref="StoreRefused">The settings are not usable; says why, without their content.</exception>
    internal PostgresServer(StoreSettings settings, PostgresSchema schema)
    {
        _schema = schema;
        var source = new NpgsqlDataSourceBuilder(TextOf(settings, schema.Name));
        // Asked with every connection, so that a changed secret needs no restart.
        if (settings.Password is { } password)
            source.UsePasswordProvider(_ => password(), (_, _) => ValueTask.FromResult(password()));
        _source = source.Build();
    }

    /// <summary>A fresh connection to a server that may be used, with the schema in place. The caller disposes of it.</summary>
    /// <exception cref="NpgsqlException">The server does not answer.</exception>
    /// <exception cref="StoreRefused">It may not be used.</exception>
    internal NpgsqlConnection Open()
    {
        var connection = _source.OpenConnection();
        try
        {
            Check(connection);
            _schema.Prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => _source.Dispose();

    private static void Check(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('transaction_read_only'), current_setting('synchronous_commit')",
            connection
        );
        string durability;
        using (var reader = command.ExecuteReader())
        {
            reader.Read();
            if (reader.GetString(0) != "on")
                throw new StoreRefused(
                    "the PostgreSQL server runs with fsync off: a power failure could forget what it has confirmed. Set fsync = on"
                );
            if (reader.GetString(1) != "on")
                throw new StoreRefused(
                    "the PostgreSQL server runs with full_page_writes off: a power failure could tear its pages. Set full_page_writes = on"
                );
            if (reader.GetString(2) != "off")
                throw new StoreRefused(
                    "the PostgreSQL server is read-only: name the primary, or list all hosts with Target Session Attributes=primary"
                );
            durability = reader.GetString(3);
        }
        if (durability is "on" or "remote_apply")
            return;
        using var set = new NpgsqlCommand("SET synchronous_commit TO on", connection);
        set.ExecuteNonQuery();
    }

    /// <summary>Looks at the connection string alone; no server is asked.</summary>
    /// <exception cref="StoreRefused">It is not usable; says why, without its content.</exception>
    internal static void Check(StoreSettings settings) => TextOf(settings, "check");

    private static string TextOf(StoreSettings settings, string name)
    {
        NpgsqlConnectionStringBuilder text;
        try
        {
            text = new NpgsqlConnectionStringBuilder(settings.Postgres);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // without the cause: it may quote the text
            throw new StoreRefused("Postgres is not a connection string that Npgsql understands");
        }
        if (text.Password is { Length: > 0 })
            throw new StoreRefused("a password does not belong into the connection string: use PasswordFile, PGPASSWORD or PGPASSFILE");
        if (text.Host is not { Length: > 0 } hosts)
            throw new StoreRefused("Postgres names no Host");
        if (text.SslMode != SslMode.VerifyFull && !hosts.Split(',', StringSplitOptions.TrimEntries).All(IsOnThisHost))
            throw new StoreRefused("a PostgreSQL server on another host needs SSL Mode=VerifyFull and Root Certificate");
        (text.Pooling, text.Enlist, text.IncludeErrorDetail, text.PersistSecurityInfo) = (false, false, false, false);
        (text.Timeout, text.CommandTimeout) = (Seconds, Seconds);
        text.CancellationTimeout = -1; // a statement that takes too long ends with its connection: its outcome is unknown and must look so
        text.GssEncryptionMode = GssEncryptionMode.Disable;
        text.ApplicationName ??= name;
        return text.ConnectionString;
    }

    private static bool IsOnThisHost(string host)
    {
        if (host.StartsWith('/') || host.StartsWith('@'))
            return true;
        var name =
            host.LastIndexOf(':') is > 0 and var colon && host.IndexOf(':', StringComparison.Ordinal) == colon ? host[..colon] : host;
        return name == "localhost" || (IPAddress.TryParse(name.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }
}

using System.Globalization;
using System.Reflection;
using Npgsql;

namespace Tokens.Stores;

/// <summary>
/// A schema that a store needs: made from its script when it is missing, brought up by the scripts <c>name.2.sql</c>, <c>name.3.sql</c> …
/// where they exist, and refused when it is of another version.
/// </summary>
/// <param name="Name">Name of the schema, and of the script among the resources.</param>
/// <param name="Version">The version that this program speaks.</param>
/// <param name="Logged">A table that must survive a crash of the server, with its schema; null when none must.</param>
/// <param name="Scripts">Assembly whose resources hold the script; this one's unless another is named.</param>
internal sealed record PostgresSchema(string Name, int Version, string? Logged = null, Assembly? Scripts = null)
{
    private const string NotAllowed = "42501";

    /// <exception cref="StoreRefused">It is missing and may not be made, of another version, or would lose its content in a
    /// crash.</exception>
    internal void Prepare(NpgsqlConnection connection)
    {
        if (!Exists(connection))
            Make(connection, Name + ".sql", () => !Exists(connection));
        while (
            Ask(connection, $"SELECT version FROM {Name}.version") is int old
            && old < Version
            && Script($"{Name}.{old + 1}.sql") is not null
        )
            Make(connection, $"{Name}.{old + 1}.sql", () =>
                Ask(connection, $"SELECT version FROM {Name}.version") is int now && now == old
            );
        var version = Ask(connection, $"SELECT version FROM {Name}.version");
        if (version is not int number || number != Version)
            throw new StoreRefused($"schema {Name} is of version {version ?? "none"}, this program speaks version {Version}");
        if (Logged is null)
            return;
        if (Ask(connection, $"SELECT relpersistence::text FROM pg_class WHERE oid = '{Logged}'::regclass") is not "p")
            throw new StoreRefused(
                $"{Logged} is not a logged table: a crash of the server would empty it. ALTER TABLE {Logged} SET LOGGED"
            );
    }

    private bool Exists(NpgsqlConnection connection) => Ask(connection, $"SELECT 1 FROM pg_namespace WHERE nspname = '{Name}'") is int;

    // Of several nodes that start together one does it; a crash in here leaves nothing.
    private void Make(NpgsqlConnection connection, string script, Func<bool> isNeeded)
    {
        try
        {
            using var transaction = connection.BeginTransaction();
            Ask(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext('{Name}'))) AS locked")
            );
            if (isNeeded())
                Ask(connection, Script(script)!);
            transaction.Commit();
        }
        catch (PostgresException exception) when (exception.SqlState == NotAllowed)
        {
            throw new StoreRefused(
                $"schema {Name} is missing or old, and this role may not mend that: let the owner of the database run {script}",
                exception
            );
        }
    }

    private string? Script(string script)
    {
        using var stream = (Scripts ?? typeof(PostgresSchema).Assembly).GetManifestResourceStream(script);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static object? Ask(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100 // the texts are made of this record's constants and the committed script
        using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}

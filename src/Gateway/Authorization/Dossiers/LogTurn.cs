using System.Data.Common;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// The one writing turn on the log. <i>A crash before <see cref="Commit"/> returns leaves all of the turn or nothing.</i>
/// </summary>
internal sealed class LogTurn(DeclarationLog log, IDeclarationServer server, DbConnection connection, DbTransaction transaction)
    : IDisposable
{
    private const int Lease = KeyedCall.LeaseSeconds;

    /// <summary>Adds the name of a clause.</summary>
    public void Name(int id, string agreement, string quality) =>
        Run(
            $"INSERT INTO {server.Prefix}names(id, agreement, quality) VALUES(@id, @agreement, @quality)",
            ("id", id),
            ("agreement", agreement),
            ("quality", quality)
        );

    /// <summary>Adds consecutive declarations, the first at place <paramref name="first"/>.</summary>
    public void Append(long first, ReadOnlyMemory<byte> declarations)
    {
        const int Row = DeclarationLog.RowDeclarations * Declaration.Bytes;
        using var command = DeclarationLog.Command(
            connection,
            transaction,
            $"INSERT INTO {server.Prefix}declared(first, body) VALUES(@first, @body)",
            ("first", first),
            ("body", Array.Empty<byte>())
        );
        for (; !declarations.IsEmpty; first += DeclarationLog.RowDeclarations)
        {
            var row = declarations[..Math.Min(Row, declarations.Length)];
            declarations = declarations[row.Length..];
            (command.Parameters[0].Value, command.Parameters[1].Value) = (first, row.ToArray());
            command.ExecuteNonQuery();
        }
    }

    /// <summary>Id of the exchange that made the declaration at a place; zero when there is none.</summary>
    public UInt128 ExchangeOf(long place)
    {
        using var command = DeclarationLog.Command(
            connection,
            transaction,
            $"SELECT first, body FROM {server.Prefix}declared WHERE first <= @place ORDER BY first DESC LIMIT 1",
            ("place", place)
        );
        using var row = command.ExecuteReader();
        if (!row.Read())
            return 0;
        var at = (int)(place - row.GetInt64(0)) * Declaration.Bytes;
        var body = row.GetFieldValue<byte[]>(1);
        return at < body.Length ? Declaration.ExchangeOf(body.AsSpan(at)) : 0;
    }

    /// <summary>What an idempotency key stands for; null when nobody used it.</summary>
    public KeyedCall? FindCall(byte[] scope)
    {
        using var command = DeclarationLog.Command(
            connection,
            transaction,
            $"SELECT asked, at, exchange, holder, until - {server.Now}, body FROM {server.Prefix}calls WHERE scope = @scope",
            ("scope", scope)
        );
        using var row = command.ExecuteReader();
        if (!row.Read())
            return null;
        return new KeyedCall(
            row.GetFieldValue<byte[]>(0),
            DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(1)),
            row.GetString(2),
            row.GetString(3),
            TimeSpan.FromSeconds(row.GetInt64(4)),
            row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5)
        );
    }

    /// <summary>Gives a key to a call, whoever had it.</summary>
    public void Reserve(byte[] scope, byte[] asked, DateTimeOffset at, string exchange, string holder)
    {
        Run($"DELETE FROM {server.Prefix}calls WHERE scope = @scope", ("scope", scope));
        Run(
            $"INSERT INTO {server.Prefix}calls(scope, asked, at, exchange, holder, until, body) VALUES(@scope, @asked, @at, @exchange, @holder, {server.Now} + {Lease}, NULL)",
            ("scope", scope),
            ("asked", asked),
            ("at", at.ToUnixTimeSeconds()),
            ("exchange", exchange),
            ("holder", holder)
        );
    }

    /// <summary>Goes on holding a key; false when another call has it by now.</summary>
    public bool Renew(byte[] scope, string exchange) =>
        Run(
            $"UPDATE {server.Prefix}calls SET until = {server.Now} + {Lease} WHERE scope = @scope AND exchange = @exchange AND body IS NULL",
            ("scope", scope),
            ("exchange", exchange)
        ) == 1;

    /// <summary>Keeps the answer to a call that holds its key, and forgets what is older than <paramref name="before"/>.</summary>
    public void KeepAnswer(byte[] scope, string exchange, byte[] body, DateTimeOffset at, DateTimeOffset before)
    {
        Run(
            $"UPDATE {server.Prefix}calls SET body = @body, at = @at WHERE scope = @scope AND exchange = @exchange",
            ("body", body),
            ("at", at.ToUnixTimeSeconds()),
            ("scope", scope),
            ("exchange", exchange)
        );
        Run($"DELETE FROM {server.Prefix}calls WHERE at < @before", ("before", before.ToUnixTimeSeconds()));
    }

    /// <summary>Frees the key of a call that came to nothing.</summary>
    public void Release(byte[] scope, string exchange) =>
        Run(
            $"DELETE FROM {server.Prefix}calls WHERE scope = @scope AND exchange = @exchange AND body IS NULL",
            ("scope", scope),
            ("exchange", exchange)
        );

    /// <summary>Makes the turn durable.</summary>
    public void Commit()
    {
        server.Announce(transaction);
        transaction.Commit();
    }

    /// <summary>Undoes what was not committed.</summary>
    public void Dispose()
    {
        try
        {
            transaction.Dispose();
        }
        catch (Exception fault) when (DeclarationLog.Unanswered(fault))
        {
            log.DropWriter(); // a broken connection undoes by itself
        }
    }

    private int Run(string text, params ReadOnlySpan<(string, object)> parameters)
    {
        using var command = DeclarationLog.Command(connection, transaction, text, parameters);
        return command.ExecuteNonQuery();
    }
}

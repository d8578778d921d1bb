using System.Data.Common;

namespace Gateway.Authorization.Dossiers;

/// <summary>The one writing turn on the log. <i>A crash before <see cref="Commit"/> returns leaves all of the turn or nothing.</i></summary>
internal sealed class LogTurn(DeclarationLog log, IDeclarationServer server, DbConnection connection, DbTransaction transaction) : IDisposable
{
    /// <summary>Adds the name of a clause.</summary>
    public void Name(int id, string agreement, string quality) =>
        Run($"INSERT INTO {server.Prefix}names(id, agreement, quality) VALUES(@id, @agreement, @quality)", ("id", id), ("agreement", agreement), ("quality", quality));

    /// <summary>Adds consecutive declarations, the first at place <paramref name="first"/>.</summary>
    public void Append(long first, ReadOnlyMemory<byte> declarations)
    {
        const int Row = DeclarationLog.RowDeclarations * Declaration.Bytes;
        using var command = DeclarationLog.Command(connection, transaction, $"INSERT INTO {server.Prefix}declared(first, body) VALUES(@first, @body)", ("first", first), ("body", Array.Empty<byte>()));
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
        using var command = DeclarationLog.Command(connection, transaction, $"SELECT first, body FROM {server.Prefix}declared WHERE first <= @place ORDER BY first DESC LIMIT 1", ("place", place));
        using var row = command.ExecuteReader();
        if (!row.Read()) return 0;
        var at = (int)(place - row.GetInt64(0)) * Declaration.Bytes;
        var body = row.GetFieldValue<byte[]>(1);
        return at < body.Length ? Declaration.ExchangeOf(body.AsSpan(at)) : 0;
    }

    /// <summary>What an idempotency key was answered with.</summary>
    public KeptAnswer? FindAnswer(byte[] scope)
    {
        using var command = DeclarationLog.Command(connection, transaction, $"SELECT asked, at, exchange, body FROM {server.Prefix}answers WHERE scope = @scope", ("scope", scope));
        using var row = command.ExecuteReader();
        return row.Read() ? new KeptAnswer(row.GetFieldValue<byte[]>(0), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(1)), row.GetString(2), row.GetFieldValue<byte[]>(3)) : null;
    }

    /// <summary>Keeps an answer, and forgets what is older than <paramref name="before"/>.</summary>
    public void KeepAnswer(byte[] scope, KeptAnswer answer, DateTimeOffset before)
    {
        Run($"DELETE FROM {server.Prefix}answers WHERE at < @before OR scope = @scope", ("before", before.ToUnixTimeSeconds()), ("scope", scope));
        Run($"INSERT INTO {server.Prefix}answers(scope, asked, at, exchange, body) VALUES(@scope, @asked, @at, @exchange, @body)",
            ("scope", scope), ("asked", answer.Asked), ("at", answer.At.ToUnixTimeSeconds()), ("exchange", answer.Exchange), ("body", answer.Body));
    }

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

    private void Run(string text, params ReadOnlySpan<(string, object)> parameters)
    {
        using var command = DeclarationLog.Command(connection, transaction, text, parameters);
        command.ExecuteNonQuery();
    }
}

/// <summary>What an idempotency key was answered with (exchanges page, section 1.12).</summary>
/// <param name="Asked">SHA-256 of the request's body.</param>
/// <param name="At">When.</param>
/// <param name="Exchange">Id of the exchange that answered.</param>
/// <param name="Body">The answer's body, as it was sent; it holds no personal data.</param>
internal sealed record KeptAnswer(byte[] Asked, DateTimeOffset At, string Exchange, byte[] Body);

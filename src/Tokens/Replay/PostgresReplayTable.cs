using Npgsql;
using NpgsqlTypes;
using Tokens.Stores;

namespace Tokens.Replay;

/// <summary>One connection to the tables of <c>token_replay.sql</c>, with its statements prepared. Used by one thread.</summary>
internal sealed class PostgresReplayTable : IReplayTable
{
    internal static readonly PostgresSchema Schema = new("token_replay", Version: 1, Logged: "token_replay.handles");
    private const string InsertText =
        "INSERT INTO token_replay.handles(handle, forget) SELECT handle, forget FROM unnest($1::bytea[], $2::bigint[]) AS row(handle, forget) ON CONFLICT DO NOTHING RETURNING handle";

    // By the slower of our clock and the server's, so that one fast clock among the nodes does not forget for all of them. Rows that
    // another node is sweeping are left to it: two sweeps never wait for each other.
    private const string SweepText = """
        DELETE FROM token_replay.handles WHERE handle = ANY(ARRAY(
            SELECT handle FROM token_replay.handles
            WHERE handle > $1 AND handle <= $2 AND forget < least($3, extract(epoch FROM clock_timestamp())::bigint) FOR UPDATE SKIP LOCKED))
        """;
    private const string BoundText = "SELECT handle FROM token_replay.handles WHERE handle > $1 ORDER BY handle OFFSET $2 LIMIT 1";
    private const string TellText =
        "INSERT INTO token_replay.owners(writer, owner, slot, live) SELECT $1, owner, slot, live FROM unnest($2::bigint[], $3::bigint[], $4::integer[]) AS row(owner, slot, live) "
        + "ON CONFLICT(writer, owner, slot) DO UPDATE SET live = excluded.live";
    private const string DropText = "DELETE FROM token_replay.owners WHERE slot < $1";
    private const string OthersText =
        "SELECT owner, sum(live)::bigint AS live FROM token_replay.owners WHERE writer <> $1 AND slot >= $2 GROUP BY owner ORDER BY live DESC LIMIT 4096";

    private static readonly byte[] Last = [.. Enumerable.Repeat((byte)0xFF, 17)];
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBatch _reserve;
    private byte[] _cursor = [];
    private byte[] _end = Last;

    internal PostgresReplayTable(NpgsqlConnection connection)
    {
        _connection = connection;
        _reserve = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command(InsertText, Of(NpgsqlDbType.Array | NpgsqlDbType.Bytea), Of(NpgsqlDbType.Array | NpgsqlDbType.Bigint)),
                Command(SweepText, Of(NpgsqlDbType.Bytea), Of(NpgsqlDbType.Bytea), Of(NpgsqlDbType.Bigint)),
                Command(BoundText, Of(NpgsqlDbType.Bytea), Of(NpgsqlDbType.Integer)),
            },
        };
        _reserve.Prepare();
    }

    /// <summary>
    /// One round trip, one transaction: insert, sweep, look where the next sweep ends. The handles go in order, so that two nodes that
    /// insert the same ones wait for each other in one direction only.
    /// </summary>
    public bool[] Insert(IReadOnlyList<ReplayRow> rows, long now)
    {
        var sorted = rows.OrderBy(static row => row.Handle, Handles.Order).ToArray();
        var (insert, sweep, bound) = (
            _reserve.BatchCommands[0].Parameters,
            _reserve.BatchCommands[1].Parameters,
            _reserve.BatchCommands[2].Parameters
        );
        (insert[0].Value, insert[1].Value) = (
            sorted.Select(static row => row.Handle).ToArray(),
            sorted.Select(static row => row.Forget).ToArray()
        );
        (sweep[0].Value, sweep[1].Value, sweep[2].Value) = (_cursor, _end, now);
        (bound[0].Value, bound[1].Value) = (_end, ReplaySweep.RowsFor(rows.Count));
        var isNew = new HashSet<byte[]>(Handles.Order);
        byte[]? next = null;
        using (var reader = _reserve.ExecuteReader())
        {
            while (reader.Read())
                isNew.Add(reader.GetFieldValue<byte[]>(0));
            reader.NextResult();
            if (reader.Read())
                next = reader.GetFieldValue<byte[]>(0);
            // To the very end: only then has the server said that the transaction is committed. What happens before is an exception.
            while (reader.NextResult()) { }
        }
        (_cursor, _end) = ReferenceEquals(_end, Last) ? ([], next ?? Last) : (_end, next ?? Last);
        return [.. rows.Select(row => isNew.Contains(row.Handle))];
    }

    public Dictionary<long, long> Exchange(long writer, IReadOnlyList<OwnerCount> changed, long slot)
    {
        using var batch = new NpgsqlBatch(_connection)
        {
            BatchCommands =
            {
                Command(DropText, Of(NpgsqlDbType.Bigint, slot)),
                Command(
                    TellText,
                    Of(NpgsqlDbType.Bigint, writer),
                    Of(NpgsqlDbType.Array | NpgsqlDbType.Bigint, changed.Select(static one => one.Owner).ToArray()),
                    Of(NpgsqlDbType.Array | NpgsqlDbType.Bigint, changed.Select(static one => one.Slot).ToArray()),
                    Of(NpgsqlDbType.Array | NpgsqlDbType.Integer, changed.Select(static one => one.Live).ToArray())
                ),
                Command(OthersText, Of(NpgsqlDbType.Bigint, writer), Of(NpgsqlDbType.Bigint, slot)),
            },
        };
        var others = new Dictionary<long, long>();
        using var reader = batch.ExecuteReader();
        while (reader.Read())
            others[reader.GetInt64(0)] = reader.GetInt64(1);
        while (reader.NextResult()) { }
        return others;
    }

    public void Dispose()
    {
        _reserve.Dispose();
        _connection.Dispose();
    }

    private static NpgsqlParameter Of(NpgsqlDbType type, object? value = null) => new() { NpgsqlDbType = type, Value = value };

    private static NpgsqlBatchCommand Command(string text, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        command.Parameters.AddRange(parameters);
        return command;
    }
}

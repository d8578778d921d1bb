using AuditIndex.Filling;
using AuditIndex.Sql;
using Npgsql;

namespace AuditIndex.Postgres;

/// <summary>Tables, partitions by month and their indexes.</summary>
internal static class PostgresSchema
{
    private static readonly string[] Indexes =
    [
        "subj on {0}(subj, ts) where subj is not null",
        "ts on {0}(ts, log, idx)",
        "org on {0}(org, ts)",
        "cli on {0}(cli, ts)",
        "agent on {0}(cli, agent, ts)",
        "agr on {0}(agr, ts)",
        "fld on {0}(fld, ts) where fld is not null",
        "xid on {0}(xid) where xid is not null",
        "refused on {0}(ts) where outcome > 1",
        "event on {0}(ev, ts) where ev > 1",
    ];

    /// <summary>Makes what is missing. Of several nodes that start together one makes it.</summary>
    /// <exception cref="InvalidOperationException">The schema is of another version: rebuild it.</exception>
    public static void Prepare(NpgsqlConnection connection)
    {
        using (var transaction = connection.BeginTransaction())
        {
            Run(connection, "select pg_advisory_xact_lock(hashtext('audit_index'))");
            if (Ask(connection, "select 1 from pg_namespace where nspname = 'audit_index'") is null)
            {
                Run(connection, Script.Of("audit_index.sql"));
            }

            transaction.Commit();
        }

        if (Ask(connection, "select version from audit_index.version") is not 1)
        {
            throw new InvalidOperationException("The schema audit_index is of another version: drop it and reindex.");
        }
    }

    /// <summary>The partition of a local month: its borders are the moments at which the month begins and ends here.</summary>
    public static void MakePartition(NpgsqlConnection connection, int month, bool withIndexes)
    {
        var name = NameOf(month);
        if (Exists(connection, name))
        {
            return;
        }

        Run(connection, "select pg_advisory_xact_lock(hashtext('audit_index.partition'))");
        if (Exists(connection, name))
        {
            return;
        }

        var (first, end) = (StartOf(month), StartOf(month + 1));
        Run(
            connection,
            $"create table audit_index.{name} partition of audit_index.rec for values from ({RowSql.Number(first)}) to ({RowSql.Number(end)})"
        );
        if (withIndexes)
        {
            MakeIndexes(connection, name);
        }
    }

    /// <summary>Indexes of partitions that were filled without.</summary>
    public static void MakeIndexes(NpgsqlConnection connection, string? partition = null)
    {
        foreach (var name in partition is null ? Partitions(connection) : [partition])
        {
            foreach (var index in Indexes)
            {
                Run(
                    connection,
                    $"create index if not exists {name}_{string.Format(System.Globalization.CultureInfo.InvariantCulture, index, "audit_index." + name)}"
                );
            }

            Run(connection, $"analyze audit_index.{name}");
        }
    }

    public static List<string> Partitions(NpgsqlConnection connection)
    {
        var names = new List<string>();
        using var command = new NpgsqlCommand(
            "select relid::regclass::text from pg_partition_tree('audit_index.rec') where isleaf",
            connection
        );
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var name = reader.GetString(0);
            names.Add(name[(name.LastIndexOf('.') + 1)..]);
        }

        return [.. names.Where(static name => name != "rec").Order(StringComparer.Ordinal)];
    }

    public static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    public static object? Ask(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    private static bool Exists(NpgsqlConnection connection, string name) =>
        Ask(connection, $"select to_regclass('audit_index.{name}')::text") is string;

    private static string NameOf(int month) => "rec_" + LocalTime.NameOf(month).Replace('-', '_');

    private static long StartOf(int month) => LocalTime.StartOf(new DateOnly(month / 12, month % 12 + 1, 1)).ToUnixTimeMilliseconds();
}

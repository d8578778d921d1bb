using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Benchmarks.Sealing;

/// <summary>What one would use instead: SQLite, WAL, synchronous FULL, one writer, the same bytes and no proof.</summary>
public static class SqliteFigure
{
    public static string Measure(string folder, int seconds)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "audit.db")}");
        connection.Open();
        Run(
            connection,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE audit(id INTEGER PRIMARY KEY, entry BLOB NOT NULL)"
        );
        var text = "SQLite, WAL, FULL (durable, without tree, signature or receipt)";
        foreach (var batch in new[] { 1, 64, 256 })
        {
            var (watch, count) = (Stopwatch.StartNew(), 0L);
            while (watch.Elapsed.TotalSeconds < seconds)
            {
                using var transaction = connection.BeginTransaction();
                using var insert = connection.CreateCommand();
                insert.Transaction = transaction;
                insert.CommandText = "INSERT INTO audit(entry) VALUES ($entry)";
                var entry = insert.Parameters.Add("$entry", SqliteType.Blob);
                for (var i = 0; i < batch; i++)
                {
                    entry.Value = Records.Next(count++).Text.ToArray();
                    insert.ExecuteNonQuery();
                }

                transaction.Commit();
            }

            text += string.Create(
                CultureInfo.InvariantCulture,
                $"\n  {batch,4} a transaction: {count / watch.Elapsed.TotalSeconds,9:N0} records/s"
            );
        }

        return text + "\n";
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}

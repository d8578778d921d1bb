using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Postgres;

namespace Benchmarks.Sealing;

/// <summary>What one would use instead: PostgreSQL with fsync on, one committed row an append, the same bytes and no proof.</summary>
public static class PostgresFigure
{
    public static async Task<string> MeasureAsync(int seconds)
    {
        await using var server = new RealPostgres();
        var connection = await server.NewDatabase();
        await using var source = NpgsqlDataSource.Create(
            connection + ";Maximum Pool Size=50;Password=" + await File.ReadAllTextAsync(server.PasswordFile)
        );
        await using (var create = source.CreateCommand("CREATE TABLE audit(id bigserial PRIMARY KEY, entry bytea NOT NULL)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var text = "PostgreSQL, fsync on (durable, without tree, signature or receipt)";
        foreach (var callers in new[] { 1, 16, 50 })
        {
            var (watch, count) = (Stopwatch.StartNew(), 0L);
            await Task.WhenAll(
                Enumerable
                    .Range(0, callers)
                    .Select(_ =>
                        Task.Run(async () =>
                        {
                            while (watch.Elapsed.TotalSeconds < seconds)
                            {
                                await using var insert = source.CreateCommand("INSERT INTO audit(entry) VALUES ($1)");
                                insert.Parameters.Add(
                                    new NpgsqlParameter { Value = Records.Next(Interlocked.Increment(ref count)).Text.ToArray() }
                                );
                                await insert.ExecuteNonQueryAsync();
                            }
                        })
                    )
            );
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"\n  {callers,4} callers: {count / watch.Elapsed.TotalSeconds,9:N0} records/s"
            );
        }

        return text + "\n";
    }
}

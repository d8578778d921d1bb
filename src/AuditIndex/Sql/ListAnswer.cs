using System.Data.Common;
using AuditIndex.Questions;

namespace AuditIndex.Sql;

/// <summary>Runs the commands of a list question, which stay their reader's, and merges their rows into one page.</summary>
internal static class ListAnswer
{
    /// <summary>Newest first; between equals the order of <see cref="PageKey"/>.</summary>
    public static readonly Comparer<RecordRow> Order = Comparer<RecordRow>.Create(
        static (left, right) =>
        {
            var byTime = right.At.CompareTo(left.At);
            var byLog = byTime != 0 ? byTime : LogNumber.Of(right.Position.Origin).CompareTo(LogNumber.Of(left.Position.Origin));
            return byLog != 0 ? byLog : right.Position.Index.CompareTo(left.Position.Index);
        }
    );

    public static async Task<List<RecordRow>> Run(
        IEnumerable<DbCommand> commands,
        Func<DbDataReader, CancellationToken, Task<RecordRow>> read,
        int limit,
        CancellationToken cancel
    )
    {
        var rows = new List<RecordRow>();
        foreach (var command in commands)
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                rows.Add(await read(reader, cancel));
            }
        }

        rows.Sort(Order);
        return rows.Count > limit ? rows[..limit] : rows;
    }
}

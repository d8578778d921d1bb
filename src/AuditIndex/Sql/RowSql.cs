using System.Data.Common;
using System.Globalization;
using AuditIndex.Filling;
using AuditIndex.Questions;

namespace AuditIndex.Sql;

/// <summary>The columns of a row, as both stores select and read them.</summary>
internal static class RowSql
{
    public const string Columns =
        "log, idx, dec, ts, ev, org, cli, agent, office, op, purp, agr, code, rule, match, gate, terr, act, prov, fld, outcome, subj, cref, xid, near, n";

    /// <summary>Dimensions in the order of the columns from <c>ev</c> on.</summary>
    public static readonly Dimension[] Dimensions =
    [
        Dimension.Event,
        Dimension.Institution,
        Dimension.Client,
        Dimension.Agent,
        Dimension.Office,
        Dimension.Operation,
        Dimension.Purpose,
        Dimension.Agreement,
        Dimension.Code,
        Dimension.Rule,
        Dimension.Match,
        Dimension.Gate,
        Dimension.Territory,
        Dimension.Act,
        Dimension.Providers,
        Dimension.Fields,
    ];

    private const int FirstDimension = 4;
    private const int AfterDimensions = 20;

    /// <summary>Reads the row that the reader stands on.</summary>
    public static RecordRow Read(DbDataReader reader, Func<long, string> origin, Func<Dimension, long, string> text)
    {
        return new RecordRow
        {
            Position = new RecordPosition(origin(reader.GetInt64(0)), reader.GetInt64(1)),
            Decision = reader.IsDBNull(2) ? null : reader.GetInt64(2),
            At = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)),
            Event = Text(Dimension.Event)!,
            Institution = Text(Dimension.Institution),
            Client = Text(Dimension.Client),
            Agent = Text(Dimension.Agent),
            Office = Text(Dimension.Office),
            Operation = Text(Dimension.Operation),
            Purpose = Text(Dimension.Purpose),
            Agreement = Text(Dimension.Agreement),
            Code = Text(Dimension.Code),
            Rule = Text(Dimension.Rule),
            Match = Text(Dimension.Match),
            Gate = Text(Dimension.Gate),
            Territory = Text(Dimension.Territory),
            Act = Text(Dimension.Act),
            Providers = Text(Dimension.Providers)?.Split(' ') ?? [],
            Fields = Text(Dimension.Fields)?.Split(' ') ?? [],
            Outcome = (Outcome)reader.GetInt64(AfterDimensions),
            Subject = BinaryId.ToPseudonym(Bytes(21)),
            CaseReference = BinaryId.ToPseudonym(Bytes(22)),
            ExchangeId = BinaryId.ToUlid(Bytes(23)),
            Near = reader.IsDBNull(24) ? null : (int)reader.GetInt64(24),
            Count = reader.GetInt64(25),
        };

        string? Text(Dimension dimension)
        {
            var column = FirstDimension + Array.IndexOf(Dimensions, dimension);
            return reader.IsDBNull(column) ? null : text(dimension, reader.GetInt64(column));
        }

        byte[]? Bytes(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
    }

    public static void Add(this DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    /// <summary>Gives a parameter its value, which it may have had another of before.</summary>
    public static void Set(this DbCommand command, string name, object value)
    {
        if (command.Parameters.Contains(name))
        {
            command.Parameters[name].Value = value;
        }
        else
        {
            command.Add(name, value);
        }
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

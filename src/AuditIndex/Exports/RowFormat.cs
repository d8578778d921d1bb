namespace AuditIndex.Exports;

/// <summary>How rows of a query are written (console page §10).</summary>
public enum RowFormat
{
    /// <summary>Chosen columns for people and spreadsheets, as the index knows them; safe against formulas.</summary>
    Csv = 0,

    /// <summary>The records' exact bytes from the log, proved, one a line; a second file names log, index and leaf of each line.</summary>
    JsonLines = 1,

    /// <summary>OCSF events, one a line (ledger page §17).</summary>
    Ocsf = 2,
}

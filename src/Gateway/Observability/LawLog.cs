using Agreements.Loading;

namespace Gateway.Observability;

/// <summary>Writes what is to be said of the watched law into the program's log.</summary>
internal static class LawLog
{
    /// <summary>Follows until it is disposed of.</summary>
    public static LawNotices Follow(RegistryWatcher law, ILoggerFactory logs)
    {
        var log = logs.CreateLogger("Law");
        return new LawNotices(law, notice => log.Log(LevelOf(notice.Weight), "{Notice}", notice.Text));
    }

    private static LogLevel LevelOf(LawWeight weight) =>
        weight switch
        {
            LawWeight.Error => LogLevel.Error,
            LawWeight.Warning => LogLevel.Warning,
            _ => LogLevel.Information,
        };
}

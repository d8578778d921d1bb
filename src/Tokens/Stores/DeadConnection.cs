using Npgsql;

namespace Tokens.Stores;

/// <summary>
/// A connection that was kept from one use to the next, and whose server has been restarted meanwhile or has ended its process. The first
/// who uses it would pay for that: what he asks first is asked once more, on a fresh connection.
/// </summary>
internal static class DeadConnection
{
    /// <summary>Runs something on a connection, and once more on a fresh one when the kept one turns out to be dead.</summary>
    /// <param name="isKept">Was the connection used before? A fresh one that fails tells of the server.</param>
    /// <param name="drop">Throws the dead connection away.</param>
    /// <param name="run">Must do no harm when it is done twice, since the server may have done it before the connection died. Given true
    /// the second time.</param>
    internal static T Retry<T>(bool isKept, Action drop, Func<bool, T> run)
    {
        try
        {
            return run(false);
        }
        catch (Exception fault) when (isKept && Is(fault))
        {
            drop();
            return run(true);
        }
    }

    // Not what the server said about a statement, and not a server that hangs: that one was waited for already.
    private static bool Is(Exception fault) =>
        fault switch
        {
            PostgresException said => said.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown,
            NpgsqlException lost => lost.InnerException is not TimeoutException,
            IOException or ObjectDisposedException => true,
            _ => false,
        };
}

using Admin.CommandLine;
using Spectre.Console;

namespace Admin.LedgerTasks;

/// <summary>A bar on the error stream for long work, so that standard output stays what scripts read. Silent when nobody looks.</summary>
internal static class ProgressBar
{
    internal static T Run<T>(Terminal terminal, string what, Func<Action<long, long>, T> work)
    {
        if (terminal.IsJson || Console.IsErrorRedirected)
            return work(static (_, _) => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console
            .Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var bar = context.AddTask(Markup.Escape(what));
                return work(
                    (done, all) =>
                    {
                        bar.MaxValue = Math.Max(1, all);
                        bar.Value = done;
                    }
                );
            });
    }
}

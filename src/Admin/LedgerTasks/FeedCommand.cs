using System.CommandLine;
using Admin.CommandLine;
using Admin.Texts;
using AuditIndex.Feeds;

namespace Admin.LedgerTasks;

/// <summary><c>ledger feed</c>: serves one collector from a cursor of its own.</summary>
internal static class FeedCommand
{
    internal static Command Create(TimeProvider time)
    {
        var cursor = new Option<string>("--cursor") { Required = true };
        var file = new Option<string?>("--file");
        var syslog = new Option<string?>("--syslog");
        var port = new Option<int>("--port") { DefaultValueFactory = _ => 6514 };
        var once = new Option<bool>("--once");
        return LogOptions
            .On("feed", cursor, file, syslog, port, once, PartnerOptions.Ca, PartnerOptions.Certificate, PartnerOptions.CertificateKey)
            .Does(time, async (parsed, terminal, stop) =>
            {
                IFeedTarget target = (parsed.GetValue(file), parsed.GetValue(syslog)) switch
                {
                    ({ } path, null) => new JsonLinesFile(path),
                    (null, { } host) => new SyslogTls(
                        new SyslogSettings
                        {
                            Host = host,
                            Port = parsed.GetValue(port),
                            Trust = PartnerOptions.Required(parsed, PartnerOptions.Ca),
                            Certificate = PartnerOptions.Required(parsed, PartnerOptions.Certificate),
                            Key = PartnerOptions.Required(parsed, PartnerOptions.CertificateKey),
                        }
                    ),
                    _ => throw Declined.Usage("give-collector"),
                };
                var feed = new LogFeed(LogOptions.Sources(parsed), new CursorFile(parsed.GetValue(cursor)!), target, time)
                {
                    Failed = what => terminal.Warn("collector-away", Faults.Reason(what, terminal.Language)),
                };
                if (!parsed.GetValue(once))
                {
                    await feed.Run(stop);
                    return Exit.Ok;
                }

                var served = await feed.CatchUp(stop);
                terminal.Done("fed", served);
                terminal.Answer(new { served });
                return Exit.Ok;
            });
    }
}

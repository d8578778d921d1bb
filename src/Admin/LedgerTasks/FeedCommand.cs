using System.CommandLine;
using Admin.CommandLine;
using AuditIndex.Feeds;

namespace Admin.LedgerTasks;

/// <summary><c>ledger feed</c>: serves one collector from a cursor of its own.</summary>
internal static class FeedCommand
{
    internal static Command Create(TimeProvider time)
    {
        var cursor = new Option<string>("--cursor") { Description = "File that remembers how far the collector was served", Required = true };
        var file = new Option<string?>("--file") { Description = "OCSF JSON lines are added to this file" };
        var syslog = new Option<string?>("--syslog") { Description = "Host of a collector that takes RFC 5424 over TLS" };
        var port = new Option<int>("--port") { Description = "Its port", DefaultValueFactory = _ => 6514 };
        var once = new Option<bool>("--once") { Description = "Catches up and ends" };
        return LogOptions.On("feed", "Serves a collector from the published logs, at least once, until stopped.", cursor, file, syslog, port, once, PartnerOptions.Ca, PartnerOptions.Certificate, PartnerOptions.CertificateKey).Does(time, async (parsed, terminal, stop) =>
        {
            IFeedTarget target = (parsed.GetValue(file), parsed.GetValue(syslog)) switch
            {
                ({ } path, null) => new JsonLinesFile(path),
                (null, { } host) => new SyslogTls(new SyslogSettings
                {
                    Host = host, Port = parsed.GetValue(port), Trust = PartnerOptions.Required(parsed, PartnerOptions.Ca),
                    Certificate = PartnerOptions.Required(parsed, PartnerOptions.Certificate), Key = PartnerOptions.Required(parsed, PartnerOptions.CertificateKey),
                }),
                _ => throw new Declined("Give --file or --syslog", Exit.Usage),
            };
            var feed = new LogFeed(LogOptions.Sources(parsed), new CursorFile(parsed.GetValue(cursor)!), target, time) { Failed = what => terminal.Say("the collector is away: " + what) };
            if (!parsed.GetValue(once))
            {
                await feed.Run(stop);
                return Exit.Ok;
            }

            var served = await feed.CatchUp(stop);
            terminal.Say($"✓ {served} records");
            terminal.Answer(new { served });
            return Exit.Ok;
        });
    }
}

using System.CommandLine;
using Admin.CommandLine;
using Ledger;
using Ledger.Local;
using Ledger.Notes;

namespace Admin.Operators;

/// <summary>
/// An act of an operator as a record of the node's log (ledger page, sections 3.3 and 15): through the socket of the process that owns the
/// log. The tool has no log of its own.
/// </summary>
/// <param name="Event"><c>suspend</c>.</param>
/// <param name="Kind">institution, client, agreement, issuer, certificate or token.</param>
/// <param name="What">Its id.</param>
/// <param name="Act">suspend, lift or revoke.</param>
/// <param name="By">Operators; null when none was named.</param>
/// <param name="Detail">Reason code; null for none.</param>
internal sealed record SealedAct(string Event, string Kind, string What, string Act, string? By, string? Detail)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly Option<string?> SocketFile = new("--ledger-socket");
    private static readonly Option<string?> LogKey = new("--vkey");

    /// <summary>Adds the options that name a ledger.</summary>
    internal static void AddTo(Command command)
    {
        command.Options.Add(SocketFile);
        command.Options.Add(LogKey);
    }

    /// <summary>Was a ledger named?</summary>
    internal bool IsSealedBy(ParseResult parsed) => parsed.GetValue(SocketFile) is not null;

    /// <summary>Tells people when none was.</summary>
    internal void Note(ParseResult parsed, Terminal terminal)
    {
        if (!IsSealedBy(parsed))
            terminal.Warn("not-sealed");
    }

    /// <summary>Seals the act.</summary>
    /// <exception cref="LedgerUnavailable">It is not known to be durable.</exception>
    internal async Task Seal(ParseResult parsed, TimeProvider time)
    {
        await using var ledger = new LedgerSocketClient(
            parsed.GetValue(SocketFile)!,
            VerifierKey.Parse(PartnerOptions.Required(parsed, LogKey)),
            time
        );
        var began = time.GetTimestamp();
        Reservation? seat;
        while (!ledger.TryReserve(1, out seat))
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new LedgerUnavailable("the ledger's socket does not answer");
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        }
        using (seat)
            await ledger.AppendAsync(seat, [Record(time)]);
    }

    private SealedRecord Record(TimeProvider time) => RecordText.Write(Event, time, json =>
        {
            json.WriteString("kind", Kind);
            json.WriteString("what", What);
            json.WriteString("act", Act);
            if (By is not null)
                json.WriteString("by", By);
            if (Detail is not null)
                json.WriteString("det", Detail);
        });
}

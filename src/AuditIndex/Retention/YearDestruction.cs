using System.Globalization;
using System.Text;
using Ledger;
using Ledger.Notes;
using Ledger.Retention;

namespace AuditIndex.Retention;

/// <summary>
/// Destroys the records of a closed year when every agreement's term has passed and no hold stands. What stays: hash tiles and the final
/// checkpoint, so that whoever holds a record still proves it, and a certificate.
/// </summary>
public sealed class YearDestruction(LogSource year, string kept, LogSource current, ILedger ledger, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] Erased = ["tile/entries", "detached", "journal"];

    /// <summary>File of the certificate.</summary>
    public string CertificateFile => Path.Combine(kept, year.Origin.Replace('/', '_') + ".destroyed.json");

    /// <summary>
    /// Destroys. Steps: verify, judge, seal <c>erase</c> in the current log, write the certificate, delete. Crash before the certificate:
    /// nothing is deleted; a repetition seals again. Crash after it: a repetition deletes the rest.
    /// </summary>
    /// <param name="rules">Terms and holds.</param>
    /// <param name="by">Who decided; operator ids, no names.</param>
    /// <param name="why">A code.</param>
    /// <exception cref="RetentionRefused">A term has not passed, a hold stands, or the log is not closed.</exception>
    /// <exception cref="LedgerDamaged">The log does not verify: what is damaged is not destroyed.</exception>
    /// <exception cref="LedgerUnavailable">The destruction cannot be sealed now; nothing was deleted.</exception>
    public async Task<DestructionCertificate> Run(RetentionRules rules, string by, string why)
    {
        using var owned = YearShard.TakeLock(year);
        if (
            !File.Exists(CertificateFile)
            || !DestructionCertificate.TryParse(await File.ReadAllTextAsync(CertificateFile), out var certificate)
        )
        {
            var closed = Judge(rules);
            certificate = await Certify(closed, rules.RetainedUntil(closed.Last, closed.Agreements), by, why);
            YearShard.Keep(CertificateFile, certificate.ToString());
        }

        Delete();
        return certificate;
    }

    private ClosedYear Judge(RetentionRules rules)
    {
        var note = YearShard.NoteOf(kept, year.Origin);
        var closed = YearShard.Read(year);
        if (
            !File.Exists(note)
            || !year.Policy.TryOpen(File.ReadAllText(note), out var final, out _)
            || final.Size != closed.Final.Size
            || final.Root != closed.Final.Root
        )
        {
            throw new RetentionRefused("the log is not closed: its final checkpoint is not kept");
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var until = rules.RetainedUntil(closed.Last, closed.Agreements);
        return until >= today
                ? throw new RetentionRefused(string.Create(CultureInfo.InvariantCulture, $"records must be kept until {until:yyyy-MM-dd}"))
            : rules.HoldOn(closed.First, closed.Last, closed.Agreements, today) is { } hold
                ? throw new RetentionRefused($"the legal hold {hold.Id} stands")
            : closed;
    }

    private async Task<DestructionCertificate> Certify(ClosedYear closed, DateOnly until, string by, string why)
    {
        var now = time.GetUtcNow();
        var statement = DestructionCertificate.State(closed.Final, closed.Agreements, until, now, by);
        var record = Record(closed.Final, DestructionCertificate.DigestOf(statement), by, why, now);
        if (!ledger.TryReserve(1, out var seat))
        {
            throw new LedgerUnavailable("the destruction cannot be sealed now");
        }

        using (seat)
        {
            var receipt = (await ledger.AppendAsync(seat, [record]))[0];
            return new DestructionCertificate(
                statement,
                closed.Note,
                Encoding.UTF8.GetString(record.Text.Span),
                (await Proof(receipt)).ToString()
            );
        }
    }

    private async Task<TlogProof> Proof(Receipt receipt)
    {
        for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < Patience; await Task.Delay(TimeSpan.FromMilliseconds(100)))
        {
            if (current.IsPublished && current.Open() is var log && log.Checkpoint.Size > receipt.Index)
            {
                return log.Proof(receipt.Index);
            }
        }

        throw new LedgerUnavailable("the record of the destruction was not published in time");
    }

    private static SealedRecord Record(Checkpoint final, string digest, string by, string why, DateTimeOffset now) =>
        RecordText.Write("erase", Ulid.New(TimeProvider.System), now, json =>
        {
            json.WriteString("what", "log");
            json.WriteString("log", final.Origin);
            json.WriteNumber("size", final.Size);
            json.WriteString("root", System.Buffers.Text.Base64Url.EncodeToString(final.Root.AsSpan()));
            json.WriteString("why", why);
            json.WriteString("by", by);
            json.WriteString("dig", digest);
        });

    private void Delete()
    {
        using var folder = Posix.OpenDirectory(year.Directory);
        foreach (var name in Erased)
        {
            var path = Path.Combine(year.Directory, name);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }

        Posix.Syncfs(folder);
    }
}

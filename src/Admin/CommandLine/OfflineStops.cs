using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Admin.Texts;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;
using Wording;

namespace Admin.CommandLine;

/// <summary>
/// What revocation lists in files, and the status list where one is named, say about a certificate at an instant of the operator's choice.
/// </summary>
internal sealed class OfflineStops : IDisposable
{
    private readonly RevocationLists _lists;
    private readonly ITokenStatus? _status;
    private readonly TimeProvider _clock;

    private OfflineStops(RevocationLists lists, ITokenStatus? status, TimeProvider clock) =>
        (_lists, _status, _clock) = (lists, status, clock);

    /// <exception cref="Declined">A list is not taken; says why.</exception>
    internal static OfflineStops Open(
        IReadOnlyList<(string Name, string File)> crls,
        IReadOnlyDictionary<string, X509Certificate2Collection> authorities,
        ParseResult parsed,
        TimeProvider time,
        DateTimeOffset now
    )
    {
        var clock = new FixedClock(now);
        var settings = crls.GroupBy(static crl => crl.Name, StringComparer.Ordinal)
            .ToDictionary(
                static group => group.Key,
                static group => new RevocationSettings { Files = [.. group.Select(static crl => crl.File)], Fail = RevocationFailure.Hard },
                StringComparer.Ordinal
            );
        RevocationLists lists;
        try
        {
            lists = RevocationLists.Open(settings, authorities, clock);
        }
        catch (InvalidDataException fault)
        {
            throw Declined.Usage("fault-said", Faults.Reason(fault.Message, Terminal.LanguageOf(parsed)));
        }
        if (!lists.Faults.IsEmpty)
        {
            var faults = lists.Faults.Select(fault => Faults.Reason(fault, Terminal.LanguageOf(parsed))).ToList();
            lists.Dispose();
            throw new Declined("revocation-lists", Blank.List(faults));
        }
        return new OfflineStops(
            lists,
            parsed.GetValue(StoreOptions.StatusFile) is null && parsed.GetValue(StoreOptions.Config) is null
                ? null
                : StoreOptions.Status(parsed, time),
            clock
        );
    }

    internal CertificateStop Of(PresentedCertificate certificate) =>
        CertificateStops.Judge(certificate, _status?.Current ?? StatusSnapshot.Empty, _lists, _clock.GetUtcNow());

    public void Dispose()
    {
        _lists.Dispose();
        _status?.Dispose();
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

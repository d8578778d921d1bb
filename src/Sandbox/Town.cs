using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Agreements.Loading;
using Gateway.Audit;
using Ledger;
using Ledger.Local;
using Ledger.Notes;
using Ledger.Subjects;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox;

/// <summary>
/// The whole town in one process, over real sockets: ledger, authority, institutions, gateway. What a newcomer runs, what
/// the tests run, and what the benchmarks measure.
/// </summary>
/// <remarks>
/// Order of the start: state and certificates; contracts (they need the ports) while the institutions start; ledger;
/// authority and gateway side by side; <see cref="File"/>. The end goes the other way round.
/// </remarks>
public sealed class Town : IAsyncDisposable
{
    private readonly List<Func<ValueTask>> _ends = [];
    private readonly List<Partner> _partners = [];

    private Town(TownOptions options)
    {
        Options = options;
        Ports = options.Ports ?? TownPorts.Free();
        var temporary = options.State is null;
        State = new StateFolder(options.State ?? Path.Combine(Path.GetTempPath(), "town-" + Path.GetRandomFileName()));
        if (temporary)
            OnEnd(() => Directory.Delete(State.Root, recursive: true));
        else if (!options.IsHeld)
            OnEnd(StateLock.Take(State.Root).Dispose);
        Calendar = new SchoolCalendar(options.Clock);
        Pki = new DevelopmentPki(State, options.Clock);
        OnEnd(Pki.Dispose);
        Keys = new SigningKeys(State);
        Wrong = new WrongCertificates(Pki, options.Clock);
    }

    /// <summary>How it was made.</summary>
    public TownOptions Options { get; }

    /// <summary>Where it listens.</summary>
    public TownPorts Ports { get; }

    /// <summary>Its folder.</summary>
    public StateFolder State { get; }

    /// <summary>School year and time of the sources.</summary>
    public SchoolCalendar Calendar { get; }

    /// <summary>Certificates.</summary>
    public DevelopmentPki Pki { get; }

    /// <summary>Signing keys.</summary>
    public SigningKeys Keys { get; }

    /// <summary>Certificates that must be refused.</summary>
    public WrongCertificates Wrong { get; }

    /// <summary>Deployed contracts.</summary>
    public DeployedContracts Contracts { get; private set; } = null!;

    /// <summary>Contracts as watched by authority and gateway.</summary>
    public RegistryWatcher Law { get; private set; } = null!;

    /// <summary>The log.</summary>
    public LedgerWriter Ledger { get; private set; } = null!;

    /// <summary>The gateway's side of the witnesses.</summary>
    public LedgerWitnesses Witnesses { get; private set; } = null!;

    /// <summary>Keys of the log's pseudonyms.</summary>
    public SubjectKeys SubjectKeys { get; private set; } = null!;

    /// <summary>Folder of the log.</summary>
    public string LedgerFolder => State.At("ledger", Year.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Where other programs of this machine seal in the log; null where the path of the folder is too long for a socket.</summary>
    public string? LedgerSocket => LedgerSocketPlace.Of(State);

    /// <summary>Folder of the search index; see <see cref="TownOptions.Index"/>.</summary>
    public string IndexFolder => State.At("index");

    /// <summary>Stand-ins by institution id.</summary>
    public ImmutableDictionary<string, StandIn> Institutions { get; private set; } = ImmutableDictionary<string, StandIn>.Empty;

    /// <summary>The gateway as a host, for its services.</summary>
    public WebApplication GatewayHost { get; private set; } = null!;

    /// <summary>The authority as a host, for its services.</summary>
    public WebApplication AuthorityHost { get; private set; } = null!;

    /// <summary>Everything a partner needs to know; what <c>sandbox.json</c> holds.</summary>
    public SandboxFile File { get; private set; } = null!;

    private int Year => Options.Clock.GetUtcNow().Year;

    /// <summary>Starts everything; when a part fails, the parts before it are stopped again.</summary>
    public static async Task<Town> StartAsync(TownOptions? options = null)
    {
        var town = new Town(options ?? new TownOptions());
        try
        {
            await town.Start();
            return town;
        }
        catch
        {
            await town.DisposeAsync();
            throw;
        }
    }

    /// <summary>A stand-in.</summary>
    public StandIn this[string institution] => Institutions[institution];

    /// <summary>A partner's program with one right; kept and disposed of by the town.</summary>
    /// <param name="clientId">Client id.</param>
    /// <param name="purpose">Purpose; the client's first right when null.</param>
    /// <param name="agreement">Agreement id; any when null.</param>
    public Partner As(string clientId, string? purpose = null, string? agreement = null)
    {
        var right = File.Clients.FirstOrDefault(c =>
            c.Id == clientId && (purpose is null || c.Purpose == purpose) && (agreement is null || c.Agreement == agreement)
        )
            ?? throw new InvalidOperationException(
                $"{clientId} has no right here now{(purpose is null ? "" : " for " + purpose)}: "
                    + "its agreement is not in force, or its keys are its own"
            );
        var partner = new Partner(File, right);
        lock (_partners)
            _partners.Add(partner);
        return partner;
    }

    /// <summary>A client with a partner's certificate.</summary>
    public HttpClient ClientAs(string clientId) => As(clientId).Http;

    /// <summary>A client with any certificate, or none; the caller disposes both.</summary>
    public HttpClient ClientWith(X509Certificate2? certificate) => Partner.Connect(Pki.AuthorityFile(DevelopmentPki.Servers), certificate);

    /// <summary>A token of a client under one purpose.</summary>
    public Task<string> TokenFor(string clientId, string? purpose = null, string? agreement = null, params string[] scopes) =>
        As(clientId, purpose, agreement).Token(scopes);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var partner in _partners)
            partner.Dispose();
        for (var i = _ends.Count - 1; i >= 0; i--)
            await _ends[i]();
        _ends.Clear();
    }

    // They run in this process: where none answers in time, the machine is slow, and they are asked again.
    private async Task AskWitnessesAsync(LedgerOptions place, VerifierKey key)
    {
        for (var tries = Options.Witnesses > 0 ? 12 : 1; ; tries--)
        {
            try
            {
                await Witnesses.AskAsync(place, key);
                return;
            }
            catch (LedgerUnavailable) when (tries > 1)
            {
                // Once more.
            }
        }
    }

    private async Task Start()
    {
        var composition = new TownComposition(this);
        var institutions = composition.StartInstitutions();
        Contracts = composition.Deploy();
        Law = RegistryWatcher.Start(Contracts.Folder, Options.Clock, out var load, operators: null, composition.LawBook())
            ?? throw new InvalidDataException(string.Join('\n', load.Errors));
        OnEnd(Law.DisposeAsync);
        SubjectKeys = new SubjectKeys(State.Folder("keys", "subjects"), Options.Clock);
        var logKey = LogKey.Load(LogKeys.Path(State, Year));
        OnEnd(logKey.Dispose);
        var place = composition.LedgerOptions(LedgerFolder, Year);
        var cosigners = await TownWitnesses.StartAsync(
            State,
            logKey.Verifier(place.Origin),
            composition.LogAddress(place.Origin),
            Options.Witnesses,
            Options.Clock
        );
        OnEnd(cosigners.DisposeAsync);
        Witnesses = new LedgerWitnesses(
            new Gateway.GatewayOptions { LedgerPolicy = cosigners.PolicyFile, LedgerRequireWitnessAtStart = Options.Witnesses > 0 }
        );
        await AskWitnessesAsync(place, logKey.Verifier(place.Origin));
        Ledger = LedgerWriter.Open(place, logKey, Options.Clock);
        OnEnd(Ledger.DisposeAsync);
        if (LedgerSocket is { } socket)
            OnEnd(LedgerPlaceOf(socket).DisposeAsync);
        OnEnd(Witnesses.DisposeAsync);
        Witnesses.Start(Ledger, place, Options.Clock, Options.WitnessPace);
        var sealedBy = Options.WrapLedger?.Invoke(Ledger) ?? Ledger;
        // Side by side: the gateway reads the authority's keys only when the first token comes.
        var authority = Task.Run(() => Run(composition.Authority(sealedBy)));
        var gateway = Task.Run(() => Run(composition.Gateway(sealedBy)));
        // All of them are awaited even when one fails: what has started must be stopped.
        await Task.WhenAll(institutions, authority, gateway).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Institutions = (await institutions).ToImmutableDictionary(s => s.Institution, StringComparer.Ordinal);
        foreach (var standIn in Institutions.Values)
            OnEnd(standIn.DisposeAsync);
        AuthorityHost = await authority;
        GatewayHost = await gateway;
        var signer = new AgreementSigner(Contracts.Folder, Keys, Calendar.Today);
        OnEnd(signer.Dispose);
        signer.Watch();
        File = composition.Describe();
        if (Options.State is null)
            return;
        // For the programs apart on the same folder, and for gatewayctl, which reads the authority's to find ring and status list.
        if (LedgerSocket is not null)
            new ApartConfiguration(State, new ApartHosts("localhost", "localhost", "localhost"), Ports, Year).Write();
        File.Write(State.At("sandbox.json"));
    }

    private LedgerSocketServer LedgerPlaceOf(string socket) =>
        Gateway.Audit.LedgerPlace.Serve(new Gateway.GatewayOptions { LedgerSocket = socket }, Ledger)!;

    private async Task<WebApplication> Run(WebApplication host)
    {
        OnEnd(async () =>
        {
            using (var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
                await host.StopAsync(impatient.Token);
            await host.DisposeAsync();
        });
        await host.StartAsync();
        return host;
    }

    private void OnEnd(Action end) =>
        OnEnd(() =>
        {
            end();
            return ValueTask.CompletedTask;
        });

    private void OnEnd(Func<ValueTask> end)
    {
        lock (_ends)
            _ends.Add(end);
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Ledger.Notes;
using Ledger.Subjects;
using Ledger.Tiles;
using Sandbox.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.Tests.Apart;

/// <summary>
/// The authority and the gateway as processes of their own on a prepared folder, as in production; the institutions play in this process.
/// The gateway can be killed and started again on the same folder.
/// </summary>
internal sealed class ApartTown : IAsyncDisposable
{
    private const int Pupils = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> GatewaySettings = new(StringComparer.Ordinal)
    {
        // All partners of the test share one address; and a start fills its journal with zeros.
        ["Gateway__ConnectionsPerAddress"] = "4096",
        ["Gateway__NewConnectionsPerSecond"] = "5000",
        ["Gateway__HandshakesAtOnce"] = "1024",
        ["Gateway__LedgerSegmentBytes"] = "2097152",
        // It lives for seconds.
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
    };

    private readonly TemporaryState _state = new();
    private readonly Dictionary<string, string> _settings = new(GatewaySettings, StringComparer.Ordinal);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly List<StandIn> _institutions = [];
    private RunningProgram? _authority;
    private RunningProgram? _gateway;
    private TownPorts? _ports;

    public SandboxFile File { get; private set; } = null!;
    public TrustPolicy Policy => TrustPolicy.Of(VerifierKey.Parse(File.Ledger.Vkey));
    public SubjectKeys SubjectKeys { get; private set; } = null!;

    /// <summary>Its folder.</summary>
    public StateFolder State => _state.Folder;

    /// <summary>Every call that an institution received, as far as they were asked to remember.</summary>
    public IEnumerable<(string Institution, ReceivedCall Call)> Received =>
        _institutions.SelectMany(static one => one.Received.All.Select(call => (one.Institution, call)));

    /// <param name="gatewaySettings">Configuration of the gateway on top of its file.</param>
    /// <param name="contracts">Contracts whose quotas, paces and limits stay as they are; null for the committed ones, lifted.</param>
    /// <param name="remember">Calls that each institution remembers.</param>
    public static async Task<ApartTown> StartAsync(
        IReadOnlyDictionary<string, string>? gatewaySettings = null,
        int remember = 0,
        string? contracts = null
    )
    {
        var town = new ApartTown();
        try
        {
            foreach (var (name, value) in gatewaySettings ?? new Dictionary<string, string>(StringComparer.Ordinal))
                town._settings[name] = value;
            await town.Start(remember, contracts);
            return town;
        }
        catch
        {
            await town.DisposeAsync();
            throw;
        }
    }

    /// <summary>The gateway's process.</summary>
    public RunningProgram Gateway => _gateway!;

    /// <summary>The authority's process.</summary>
    public RunningProgram Authority => _authority!;

    /// <summary>Where they listen.</summary>
    public TownPorts Ports => _ports!;

    /// <summary>An institution.</summary>
    public StandIn this[string institution] => _institutions.Single(one => one.Institution == institution);

    /// <summary>Kills the gateway where it stands.</summary>
    public Task<int> KillGatewayAsync() => _gateway!.KillAsync();

    /// <summary>Starts the gateway on the folder as it is, and waits until it says that it is ready.</summary>
    public async Task StartGatewayAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        _gateway = new RunningProgram("Gateway", _state.Folder.Root, _settings, "--config", _state.Folder.At("gateway.json"));
        var ready = File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal);
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await Task.Delay(50))
        {
            if (_gateway.HasExited)
                break;
            try
            {
                using var answer = await _http.GetAsync(new Uri(ready));
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Not listening yet.
            }
        }

        throw new InvalidOperationException("the gateway does not get ready:\n" + _gateway.Printed);
    }

    /// <summary>The record's <c>cref</c> of an institution's reference.</summary>
    public string CaseOf(string institution, string reference) => SubjectKeys.Current().Of("cref", $"{institution}:{reference}");

    /// <summary>Waits until the log is published up to a size.</summary>
    public async Task PublishedAsync(long size)
    {
        for (
            var began = TimeProvider.System.GetTimestamp();
            LogReader.Open(File.Ledger.Directory, Policy).Checkpoint.Size < size;
            await Task.Delay(50)
        )
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException("the log is not published:\n" + _gateway!.Printed);
        }
    }

    /// <summary>What the programs show without being asked by a partner: what they print, and their metrics.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ShownAsync() =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["printed by the gateway"] = _gateway!.Printed,
            ["printed by the authority"] = _authority!.Printed,
            ["metrics of the gateway"] = await _http.GetStringAsync(new Uri(File.Metrics)),
            ["metrics of the authority"] = await _http.GetStringAsync(new Uri($"http://localhost:{_ports!.AuthorityOperations}/metrics")),
        };

    /// <summary>A token, as soon as the authority can seal again: it seals through the gateway's socket.</summary>
    public async Task<string> TokenAsync(Partner partner, string operation)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(50))
        {
            try
            {
                return await partner.Token(operation);
            }
            catch (Exception e)
                when (e is HttpRequestException or InvalidOperationException
                    && TimeProvider.System.GetElapsedTime(began) < Patience
                    && _authority is { HasExited: false }
                )
            {
                // The authority starts, or looks for the socket of a gateway that was killed.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_authority is not null)
            await _authority.DisposeAsync();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        foreach (var institution in _institutions)
            await institution.DisposeAsync();
        _http.Dispose();
        _state.Dispose();
    }

    private async Task Start(int remember, string? contracts)
    {
        _ports = TownPorts.Free();
        var providers = InstitutionCatalogue.Ids.ToImmutableDictionary(
            static id => id,
            id => $"https://localhost:{_ports.Institutions[id]}",
            StringComparer.Ordinal
        );
        PrepareCommand.Prepare(
            _state.Folder,
            new ApartHosts("localhost", "localhost", "localhost"),
            [],
            new DeploymentPlan
            {
                Source = contracts ?? ContractSource.Find(),
                Providers = providers,
                KeepsQuotas = contracts is not null,
            },
            Pupils,
            _ports
        );
        File = JsonSerializer.Deserialize<SandboxFile>(
            await System.IO.File.ReadAllTextAsync(_state.Folder.At("sandbox.json")),
            JsonSerializerOptions.Web
        )!;
        SubjectKeys = new SubjectKeys(_state.Folder.At("keys", "subjects"), TimeProvider.System);
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        foreach (var id in InstitutionCatalogue.Ids)
        {
            var options = new StandInOptions
            {
                Institution = id,
                Port = _ports.Institutions[id],
                Certificate = pki.Provider(id),
                GatewayAuthority = pki.AuthorityFile(DevelopmentPki.Servers),
                AssertionKey = new SigningKeys(_state.Folder).Public(GatewayKeys.AssertionKey),
                Remember = remember,
            };
            _institutions.Add(
                await StandIn.StartAsync(
                    options,
                    InstitutionCatalogue.Operations(id, new SchoolCalendar(TimeProvider.System), Pupils),
                    TimeProvider.System
                )
            );
        }

        // Each waits for the other: the gateway is ready when it knows what was stopped, the authority when it can seal.
        _authority = new RunningProgram(
            "Authority",
            _state.Folder.Root,
            _settings.Where(static one => !one.Key.StartsWith("Gateway", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal),
            "--config",
            _state.Folder.At("authority.json")
        );
        await StartGatewayAsync();
    }
}

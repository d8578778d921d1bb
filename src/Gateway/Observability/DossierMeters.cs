using System.Diagnostics.Metrics;
using Gateway.Authorization.Dossiers;

namespace Gateway.Observability;

/// <summary>
/// What the register of dossiers shows: how large it is under each agreement and quality, how old its image is, what is declared, and how
/// often a dossier closes within a day of its opening, which somebody should look at.
/// </summary>
internal sealed class DossierMeters : IDisposable
{
    private readonly Meter _meter = new(GatewayMeters.Name);
    private readonly Counter<long> _declared,
        _brief;

    /// <summary>Creates the instruments.</summary>
    public DossierMeters(DossierRegister register)
    {
        _declared = _meter.CreateCounter<long>("gateway.dossiers.declared", description: "Declarations by agreement, action and result");
        _brief = _meter.CreateCounter<long>(
            "gateway.dossiers.brief",
            description: "Dossiers closed within a day of the declaration that opened them"
        );
        _meter.CreateObservableGauge(
            "gateway.dossiers.age",
            () => register.Age.TotalSeconds,
            "s",
            "Time since the register was last known to say what its log says"
        );
        _meter.CreateObservableGauge("gateway.dossiers.bytes", () => register.Bytes, "By", "Memory of the register's tables");
        _meter.CreateObservableGauge(
            "gateway.dossiers.periods",
            () =>
                register
                    .Counts()
                    .Select(static count => new Measurement<long>(
                        count.Periods,
                        new("agreement", count.Agreement),
                        new("quality", count.Quality)
                    )),
            description: "Periods of dossiers by agreement and quality, closed ones included"
        );
    }

    /// <summary>A declaration was decided.</summary>
    public void Declared(string agreement, string act, DeclaredOutcome outcome) =>
        _declared.Add(1, new("agreement", agreement), new("act", act), new("result", outcome.ToString()));

    /// <summary>A dossier was closed within a day of its opening.</summary>
    public void Brief(string agreement) => _brief.Add(1, new KeyValuePair<string, object?>("agreement", agreement));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}

using Sandbox.Institutions.Education;

namespace Sandbox;

/// <summary>How a town is made. The defaults are those of tests: free ports, a temporary folder, little noise.</summary>
public sealed record TownOptions
{
    /// <summary>State folder; null for a temporary one that goes away with the town.</summary>
    public string? State { get; init; }

    /// <summary>The caller has the <see cref="Pki.StateLock"/> of <see cref="State"/> already.</summary>
    internal bool IsHeld { get; init; }

    /// <summary>Ports; null for free ones.</summary>
    public TownPorts? Ports { get; init; }

    /// <summary>Clock of all parts.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Pupils in the ministry's register.</summary>
    public int Pupils { get; init; } = PupilGenerator.Population;

    /// <summary>Contracts to deploy; null for those of the repository.</summary>
    public string? Contracts { get; init; }

    /// <summary>Keep quotas, paces and limits as the contracts state them; otherwise they are lifted.</summary>
    public bool KeepsQuotas { get; init; }

    /// <summary>
    /// Called with the deployed contracts folder before anything starts: tests change agreements here. Signatures follow.
    /// </summary>
    public Action<string>? EditContracts { get; init; }

    /// <summary>Called with the gateway's options before it is built.</summary>
    public Action<Gateway.GatewayOptions>? ConfigureGateway { get; init; }

    /// <summary>Called with the authority's options before it is built.</summary>
    public Action<Authority.AuthorityOptions>? ConfigureAuthority { get; init; }

    /// <summary>Called with the ledger's options before it is opened.</summary>
    public Action<Ledger.LedgerOptions>? ConfigureLedger { get; init; }

    /// <summary>Puts something between the programs and the log, such as one that fails.</summary>
    public Func<Ledger.ILedger, Ledger.ILedger>? WrapLedger { get; init; }

    /// <summary>Demand the gateway's assertion at the stand-ins. Off only to measure a bare proxy.</summary>
    public bool RequireAssertion { get; init; } = true;

    /// <summary>Calls that each stand-in remembers; 0 for none, where speed is measured.</summary>
    public int Remember { get; init; } = 256;

    /// <summary>Witnesses that run in the town and cosign the gateway's log, two of three being enough; 0 for none.</summary>
    public int Witnesses { get; init; } = 3;

    /// <summary>How often they are asked.</summary>
    public Ledger.Witnesses.WitnessPace WitnessPace { get; init; } = new();

    /// <summary>The gateway fills a search index in the state folder. When null, it does where the state stays.</summary>
    public bool? Index { get; init; }

    /// <summary>A version of an agreement has one text, as in the programs. Off only where a test changes it under a token.</summary>
    public bool KeepsVersions { get; init; } = true;

    /// <summary>Where diagnostics of the authority and the gateway go; null for nowhere.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }
}

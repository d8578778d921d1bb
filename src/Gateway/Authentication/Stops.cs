using Agreements;
using Gateway.Problems;
using Tokens.Status;

namespace Gateway.Authentication;

/// <summary>
/// What was stopped: by a reviewed change of a file, or at once through the status list. Asked on every call, cached tokens and open
/// connections included (authority page, sections 11 and 13, step 8).
/// </summary>
internal static class Stops
{
    /// <summary>Is the client, or the institution that runs it, stopped on this day?</summary>
    public static bool IsStopped(Client client, Registry registry, StatusSnapshot status, DateOnly today) =>
        !client.Active
        || status.IsSuspended(StoppedKind.Client, client.Id) || status.IsSuspended(StoppedKind.Institution, client.Institution)
        || registry.IsSuspended(SuspendedKind.Client, client.Id, today) || registry.IsSuspended(SuspendedKind.Institution, client.Institution, today);

    /// <summary>Is the agreement stopped on this day?</summary>
    public static bool IsStopped(Agreement agreement, Registry registry, StatusSnapshot status, DateOnly today) =>
        status.IsSuspended(StoppedKind.Agreement, agreement.Id) || registry.IsSuspended(SuspendedKind.Agreement, agreement.Id, today);

    /// <summary>Passes a caller on unless it is stopped.</summary>
    public static Verdict<Caller> Pass(Caller caller, Registry registry, StatusSnapshot status, DateOnly today) =>
        IsStopped(caller.Client, registry, status, today) ? new Refusal(Problem.ClientSuspended) : caller;
}

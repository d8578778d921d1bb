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
    /// <summary>Was the token stopped, the key that signed it, or its issuer? Of a caller without a token nothing was.</summary>
    public static bool IsTokenStopped(StatusSnapshot status, string jti, string? kid, string? issuer) =>
        status.IsRevoked(jti)
        || (kid is not null && status.IsKeyDenied(kid))
        || (issuer is not null && status.IsSuspended(StoppedKind.Issuer, issuer));

    /// <summary>Is the client, or the institution that runs it, stopped on this day?</summary>
    public static bool IsStopped(Client client, Registry registry, StatusSnapshot status, DateOnly today) =>
        !client.Active
        || status.IsSuspended(StoppedKind.Client, client.Id)
        || status.IsSuspended(StoppedKind.Institution, client.Institution)
        || registry.IsSuspended(SuspendedKind.Client, client.Id, today)
        || registry.IsSuspended(SuspendedKind.Institution, client.Institution, today);

    /// <summary>
    /// The same caller as it is registered in <paramref name="registry"/>, unless it is so no longer or was stopped: a call that takes long
    /// outlives the registration under which it began.
    /// </summary>
    public static Verdict<Caller> Again(Caller caller, Registry registry, StatusSnapshot status, DateOnly today)
    {
        if (IsTokenStopped(status, caller.TokenId, caller.KeyId, caller.Issuer))
            return new Refusal(Problem.TokenNotAccepted) { Reason = "the token, its key or its issuer was stopped" };
        if (
            !registry.Clients.TryGetValue(caller.Client.Id, out var client)
            || client.Institution != caller.Institution.Id
            || !registry.Institutions.TryGetValue(client.Institution, out var institution)
        )
            return new Refusal(Problem.ClientSuspended) { Reason = "not registered any more" };
        if (caller.Certificate is { } certificate && !CertificateHolder.Is(client, certificate))
            return new Refusal(Problem.CertificateNotAccepted) { Reason = "not one of this client's any more" };
        if (Caller.OfficeOf(institution, client) is var office && office?.Code != caller.Office?.Code)
            return new Refusal(Problem.OfficeNotAllowed) { Reason = "the system is another office's now" };
        return Pass(caller with { Institution = institution, Client = client, Office = office }, registry, status, today);
    }

    /// <summary>Passes a caller on unless it is stopped.</summary>
    public static Verdict<Caller> Pass(Caller caller, Registry registry, StatusSnapshot status, DateOnly today) =>
        IsStopped(caller.Client, registry, status, today) ? new Refusal(Problem.ClientSuspended) : caller;
}

namespace Gateway.Audit;

/// <summary>
/// Who may seal through the ledger's socket, by numeric user id as the kernel reports it. Null stands for this process's own user, who can
/// read the log's key anyway: for programs that share one user, as in the sandbox.
/// </summary>
public sealed class LedgerPeerOptions
{
    /// <summary>User of the authority: <c>token*</c>, <c>suspend</c>, <c>key</c>, <c>clock</c>.</summary>
    public uint? Authority { get; set; }

    /// <summary>User of the audit console: officers' and citizens' records.</summary>
    public uint? Console { get; set; }

    /// <summary>User of the administrators' tool: configuration, agreements, suspensions, keys, erasure.</summary>
    public uint? Administrator { get; set; }
}

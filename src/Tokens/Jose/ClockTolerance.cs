namespace Tokens.Jose;

/// <summary>How far clocks may differ (authority page, section 6; FAPI 2.0 section 5.3.2.1-13).</summary>
public static class ClockTolerance
{
    /// <summary><c>iat</c> and <c>nbf</c> may lie this far ahead.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromSeconds(60);

    /// <summary><c>exp</c> may have passed by this much.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Past its end, grace included?</summary>
    public static bool IsPast(DateTimeOffset expires, DateTimeOffset now) => now - expires > Grace;

    /// <summary>Does either date lie too far ahead?</summary>
    public static bool IsAhead(GuardedJws jws, DateTimeOffset now) => jws.IssuedAt - now > Ahead || jws.NotBefore - now > Ahead;
}

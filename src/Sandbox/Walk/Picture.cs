namespace Sandbox.Walk;

/// <summary>The path of a question, drawn once.</summary>
public static class Picture
{
    /// <summary>Drawing for a terminal of eighty columns.</summary>
    public const string OfThePath = """
          agency system                 authority
          (certificate) ── 1 token ──►  who are you, under which agreement, for which purpose?
               │        ◄─────────────  token of five minutes, bound to the certificate
               │
               │ 2 question + token             gateway                             ministry
               └───────────────────►  authenticate → agreement → authorize
                                      → quota ─────── question, signed ──────────►  looks it up
                                                 ◄─── everything it knows ────────
                                      minimize: released fields only
                                      seal: a record in the ledger, on disk
               ◄───────────────────   release: answer + receipt
               3 keep the receipt: anybody can verify it without us
        """;
}

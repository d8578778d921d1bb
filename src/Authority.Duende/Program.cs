using Authority;
using Authority.Duende;

// The same program, configuration and state as src/Authority; only the token endpoint runs in Duende.IdentityServer.
return await AuthorityProgram.RunAsync(args, DuendeEngine.Create());

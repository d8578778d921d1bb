return await Authority.AuthorityProgram.RunAsync(args);

using Sandbox.CommandLine;

return await SandboxCommand.RunAsync(args);

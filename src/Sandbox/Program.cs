using Sandbox.CommandLine;

return await SandboxCommand.Root().Parse(args).InvokeAsync();

using Verifier;

return CommandLine.Run(args, Console.Out);

using Admin.CommandLine;

return await GatewayCtl.Run(args, Console.Out, Console.Error, TimeProvider.System);

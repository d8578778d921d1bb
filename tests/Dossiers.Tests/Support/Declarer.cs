using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Authorization.Dossiers;
using Tokens.Stores;

namespace Dossiers.Tests.Support;

/// <summary>A process that declares chunk after chunk and writes down each that was acknowledged, until it is killed.</summary>
public static class Declarer
{
    public const string Variable = "DOSSIERS_DECLARER";

    /// <summary>Declarations in a chunk: more than a row of the log holds.</summary>
    public const int Chunk = 150;

    /// <summary>Starts one. The order is store, password file, record and first chunk, in lines.</summary>
    internal static Process Start(StoreSettings store, string record, int from)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(Declarer).Assembly.Location]) { UseShellExecute = false };
        if (!Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.Ordinal))
            start.ArgumentList.Clear();
        start.Environment[Variable] = string.Join(
            '\n',
            store.File ?? "",
            store.Postgres ?? "",
            store.PasswordFile ?? "",
            record,
            from.ToString(CultureInfo.InvariantCulture)
        );
        return Process.Start(start)!;
    }

    public static async Task<int> Run(string order)
    {
        var parts = order.Split('\n');
        var store = new StoreSettings
        {
            File = parts[0].Length > 0 ? parts[0] : null,
            Postgres = parts[1].Length > 0 ? parts[1] : null,
            PasswordFile = parts[2].Length > 0 ? parts[2] : null,
        };
        using var register = DossierRegister.Open(store, seed: "", Some.Key, TimeProvider.System);
        await using var record = new FileStream(parts[3], FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 1);
        for (var chunk = int.Parse(parts[4], CultureInfo.InvariantCulture); ; chunk++)
        {
            using var turn = await register.BeginAsync(CancellationToken.None);
            for (var i = 0; i < Chunk; i++)
                turn.Declare(Some.Agreement, Some.Quality, Some.Opening(Some.Person(chunk * Chunk + i)), exchange: 1, out _);
            turn.Commit();
            await record.WriteAsync(Encoding.ASCII.GetBytes($"{chunk}\n"));
        }
    }
}

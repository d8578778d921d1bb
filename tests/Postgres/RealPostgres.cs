using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Assert = Xunit.Assert;

namespace Postgres;

/// <summary>
/// A PostgreSQL server of the tests' own: made with <c>initdb</c> in a temporary folder, on a loopback port of its own, started when it is
/// first asked for, ended with the fixture, and also when the test process dies. It can be killed and started again. Fsync is on.
/// </summary>
/// <remarks>
/// To use it in another test project: <c>&lt;Compile Include="../Postgres/*.cs" Link="Postgres/%(Filename)%(Extension)" /&gt;</c> in the
/// project file, <c>[assembly: AssemblyFixture(typeof(RealPostgres))]</c> once, and a constructor parameter of this type in the test class.
/// Each test asks for a database of its own with <see cref="NewDatabase"/>, so tests may run side by side. A test that stops or kills the
/// server makes its own with <c>await using var server = new RealPostgres();</c>.
/// </remarks>
public sealed class RealPostgres : IAsyncDisposable
{
    /// <summary>The superuser of the cluster.</summary>
    public const string Superuser = "gateway";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The shell holds the server: when its input closes (dispose, or death of this process) it ends the server, and with the server it ends
    // itself.
    private const string Holder = "exec 3<&0; \"$@\" & p=$!; (read -r _ <&3; kill -QUIT $p 2>/dev/null) & wait $p";

    private readonly string[] _settings;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("postgres-").FullName;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly string[] _as =
        Environment.UserName == "root" ? ["setpriv", $"--reuid={Owner}", "--regid=" + Group, "--clear-groups"] : [];
    private string? _bin;
    private Process? _holder;
    private int _databases;
    private bool _made;

    /// <summary>A server with the settings that tests want.</summary>
    public RealPostgres()
        : this([]) { }

    private RealPostgres(string[] settings) => _settings = settings;

    /// <summary>A server with settings of its own, for example <c>fsync=off</c>.</summary>
    public static RealPostgres With(params string[] settings) => new(settings);

    /// <summary>A server that speaks TLS with this certificate, which should name localhost.</summary>
    /// <param name="certificate">PEM file.</param>
    /// <param name="key">PEM file of its key.</param>
    public static RealPostgres WithTls(string certificate, string key)
    {
        var server = new RealPostgres(["ssl=on", "ssl_cert_file=../server.crt", "ssl_key_file=../server.key"]);
        // Copies beside its data, which become its own user's: it takes no key that others may read.
        File.Copy(certificate, Path.Combine(server._folder, "server.crt"));
        File.Copy(key, Path.Combine(server._folder, "server.key"));
        return server;
    }

    /// <summary>Port on 127.0.0.1; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>File with the password of <see cref="Superuser"/>.</summary>
    public string PasswordFile => Path.Combine(_folder, "password");

    private string Data => Path.Combine(_folder, "data");
    // postgres refuses to run as root
    private static string Owner { get; } = Run("id", ["-u", "postgres"]).Code == 0 ? "postgres" : "nobody";
    private static string Group { get; } = Run("id", ["-gn", Owner]).Output.Trim();

    /// <summary>An empty database. The connection string has no password: it is in <see cref="PasswordFile"/>.</summary>
    public async Task<string> NewDatabase()
    {
        await Start();
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        Must("createdb", [.. Local, name]);
        return Connection(name);
    }

    /// <summary>Connection string of a database, for the superuser or a role.</summary>
    public string Connection(string database, string user = Superuser) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database={database};Username={user}");

    /// <summary>Runs a script as superuser with psql; gives what it prints, without headers.</summary>
    public string Psql(string database, string script) =>
        Must("psql", [.. Local, "-d", database, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", script]).Trim();

    /// <summary>
    /// Starts the server, or starts it again after <see cref="Kill"/> or <see cref="Stop"/>. Nothing happens when it runs.
    /// </summary>
    /// <param name="settings">Settings of this start, for example <c>fsync=off</c>; they come after the others.</param>
    public async Task Start(params string[] settings)
    {
        await _gate.WaitAsync();
        try
        {
            if (_holder is not null)
                return;
            if (!_made)
                Make();
            // Right after a kill the old backends may still be ending, and a port may be taken meanwhile: try again.
            for (var start = Stopwatch.StartNew(); !await TryStart(settings);)
                if (start.Elapsed > Patience)
                    Assert.Fail("postgres does not start:\n" + string.Join('\n', _log));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>SIGKILL to the server and all its processes, as when its container is killed.</summary>
    public void Kill()
    {
        var server = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();
        // The server first, or it would see a child die and start over.
        foreach (
            var id in File.ReadAllText($"/proc/{server}/task/{server}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Prepend(server)
        )
            End(int.Parse(id, CultureInfo.InvariantCulture));
        Release();
    }

    /// <summary>Stops the server.</summary>
    /// <param name="mode"><c>immediate</c>: without a checkpoint, to be recovered from its log; <c>fast</c>: orderly.</param>
    public void Stop(string mode = "immediate")
    {
        Must("pg_ctl", ["stop", "-w", "-m", mode, "-D", Data], asOwner: true);
        Release();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (_holder is not null)
            Release();
        _gate.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private string[] Local => ["-h", _folder, "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", Superuser];

    private void Make()
    {
        _bin = FindPrograms();
        var (first, password) = (PasswordFile + ".first", Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
        Keep(first, password);
        if (_as.Length > 0)
            Assert.Equal(0, Run("chown", ["-R", $"{Owner}:{Group}", _folder]).Code);
        Must(
            "initdb",
            [
                "-D",
                Data,
                "-U",
                Superuser,
                "-E",
                "UTF8",
                "--no-locale",
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--pwfile=" + first,
                "--no-sync",
            ],
            asOwner: true
        );
        // Ours, not the server's: a program takes a secret of its own user alone.
        Keep(PasswordFile, password);
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        Port = ((IPEndPoint)socket.LocalEndpoint).Port;
        _made = true;
    }

    private static void Keep(string path, string secret)
    {
        using var file = new StreamWriter(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead,
            }
        );
        file.Write(secret);
    }

    private async Task<bool> TryStart(string[] settings)
    {
        string[] server =
        [
            .. _as,
            Path.Combine(_bin!, "postgres"),
            "-D",
            Data,
            "-k",
            _folder,
            "-h",
            "127.0.0.1",
            "-p",
            Port.ToString(CultureInfo.InvariantCulture),
            "-c",
            "shared_buffers=32MB",
            "-c",
            "max_connections=60",
            "-c",
            "fsync=on",
            .. _settings.Concat(settings).SelectMany(static setting => new[] { "-c", setting }),
        ];
        var start = new ProcessStartInfo("/bin/sh", ["-c", Holder, "sh", .. server])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        _holder = Process.Start(start)!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _holder.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not { } text)
                return;
            _log.Enqueue(text);
            if (_log.Count > 200)
                _log.TryDequeue(out var _);
            if (text.Contains("ready to accept connections", StringComparison.Ordinal))
                ready.TrySetResult();
        };
        _holder.BeginErrorReadLine();
        _holder.BeginOutputReadLine();
        if (await Task.WhenAny(ready.Task, _holder.WaitForExitAsync(), Task.Delay(Patience)) == ready.Task)
            return true;
        Release();
        await Task.Delay(100);
        return false;
    }

    private static void End(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit(Patience);
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Lets the holder go; it ends the server if that still runs.</summary>
    private void Release()
    {
        using var holder = _holder!;
        _holder = null;
        holder.StandardInput.Close();
        if (!holder.WaitForExit(Patience))
            holder.Kill(entireProcessTree: true);
    }

    private string Must(string program, string[] arguments, bool asOwner = false)
    {
        string[] command = [.. asOwner ? _as : [], Path.Combine(_bin!, program), .. arguments];
        var (code, output) = Run(command[0], command[1..]);
        // What the server said last: one that died of itself leaves no other trace.
        Assert.True(code == 0, $"{program}: {output}\n{string.Join('\n', _log.TakeLast(20))}");
        return output;
    }

    private static (int Code, string Output) Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
#pragma warning disable VSTHRD002 // the process has ended: so has its output
        return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
#pragma warning restore VSTHRD002
    }

    /// <summary>Debian keeps the programs out of the path; ./test.sh installs them.</summary>
    private static string FindPrograms()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(static folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(static folder => Path.Combine(folder, "bin"))
            : [];
        var found = debian
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")));
        if (found is not null)
            return found;
        Assert.False(
            string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.Ordinal),
            "PostgreSQL is missing in CI"
        );
        Assert.Skip("PostgreSQL's initdb was not found: ./test.sh installs it");
        return "";
    }
}

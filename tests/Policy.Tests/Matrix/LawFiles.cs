using Agreements;
using Agreements.Loading;
using Contracts;

namespace Policy.Tests.Matrix;

/// <summary>
/// A copy of the committed contracts in a temporary folder, with keys made on the spot; agreements are signed by whoever a test says.
/// </summary>
internal sealed class LawFiles : IDisposable
{
    private readonly CopiedContracts _copy = CopiedContracts.To(Directory.CreateTempSubdirectory("law-").FullName);

    public LawFiles()
    {
        _copy.WriteKeys();
        _copy.SignAll();
    }

    public string Folder => _copy.Folder;

    public static TimeProvider Clock { get; } = new StandingClock(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    public string At(string path) => _copy.At(path);

    public string[] Agreements => _copy.Agreements();

    public string Text(string agreement) => File.ReadAllText(At($"agreements/{agreement}.yaml"));

    public static string[] PartiesOf(string text) => CopiedContracts.PartiesOf(text);

    public void WriteSigned(string agreement, string text, IEnumerable<string> parties) => _copy.Sign(agreement, text, parties);

    public RegistryLoad Load() => RegistryLoader.Load(Folder, Clock);

    public Registry Registry()
    {
        var load = Load();
        Assert.Empty(load.Errors.Where(static error => error.Severity is LoadSeverity.Error).Select(static error => error.ToString()));
        return load.Registry!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>A private key of an institution, for tools that sign.</summary>
    public static string PrivatePem(string name) => CopiedContracts.Key(name).ExportPkcs8PrivateKeyPem();

    private sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

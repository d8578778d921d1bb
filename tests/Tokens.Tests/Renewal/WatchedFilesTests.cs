using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tokens.Renewal;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Renewal;

/// <summary>What is on disk counts when it changed, has settled, and can be used; until then what was in force stays.</summary>
[Trait("Tier", "Whole")]
public sealed class WatchedFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("watched");
    private readonly WatchedFiles _watch = new();
    private readonly Lines _lines = new();

    public WatchedFilesTests() => _watch.Log = _lines;

    public void Dispose()
    {
        _watch.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_changed_file_counts_after_two_looks_and_is_said_once()
    {
        var held = Hold("one");
        _watch.Look();
        Write("two");
        _watch.Look();
        Assert.Equal("one", held.Current); // it may not be whole yet
        _watch.Look();
        Assert.Equal("two", held.Current);
        for (var i = 0; i < 5; i++)
            _watch.Look();
        Assert.Equal(["Information: Secret was read again: what its files hold now is in force"], _lines.All);
    }

    [Fact]
    public void What_cannot_be_used_changes_nothing_is_said_once_and_shows_in_the_gauge_until_it_is_mended()
    {
        var held = Hold("one");
        Assert.Equal(0, Gauge());
        Write("bad");
        for (var i = 0; i < 6; i++)
            _watch.Look();
        Assert.Equal("one", held.Current);
        Assert.Equal(1, Gauge());
        Assert.StartsWith("Error: Secret changed on disk and is not taken: it is bad", Assert.Single(_lines.All), StringComparison.Ordinal);
        Assert.Contains("Secret: it is bad", _watch.Note, StringComparison.Ordinal);
        File.Delete(At("secret"));
        for (var i = 0; i < 6; i++)
            _watch.Look();
        Assert.Equal("one", held.Current); // a file that is away takes nothing with it
        Write("two");
        for (var i = 0; i < 3; i++)
            _watch.Look();
        Assert.Equal(("two", 0, null), (held.Current, Gauge(), _watch.Note));
    }

    [Fact]
    public void A_file_put_back_as_it_was_is_well_again()
    {
        var held = Hold("one");
        Write("bad");
        for (var i = 0; i < 3; i++)
            _watch.Look();
        Write("one");
        for (var i = 0; i < 3; i++)
            _watch.Look();
        Assert.Equal(("one", 0), (held.Current, Gauge()));
    }

    [Fact]
    public void A_folder_swapped_behind_a_link_is_seen_though_length_and_time_are_the_same()
    {
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (var (folder, text) in new[] { ("..1", "aaa"), ("..2", "bbb") })
        {
            _folder.CreateSubdirectory(folder);
            File.WriteAllText(At(folder, "secret"), text);
            File.SetLastWriteTimeUtc(At(folder, "secret"), time);
        }
        Directory.CreateSymbolicLink(At("..data"), "..1");
        File.CreateSymbolicLink(At("secret"), "..data/secret");
        var held = _watch.Hold("Secret", [At("secret")], () => File.ReadAllText(At("secret")));
        Directory.CreateSymbolicLink(At("..new"), "..2");
        // As the engines do it; the framework renames no link to a folder over another.
        using (var rename = System.Diagnostics.Process.Start("mv", ["-T", At("..new"), At("..data")]))
            rename.WaitForExit();
        for (var i = 0; i < 2; i++)
            _watch.Look();
        Assert.Equal("bbb", held.Current);
    }

    [Fact]
    public void A_certificate_without_its_key_and_half_a_set_of_authorities_are_not_taken()
    {
        var pki = new TestPki();
        using var first = pki.Server();
        using var second = pki.Server();
        File.WriteAllText(At("tls.crt"), first.ExportCertificatePem());
        File.WriteAllText(At("tls.key"), first.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(At("ca.pem"), first.ExportCertificatePem() + "\n" + second.ExportCertificatePem());
        var own = _watch.Hold("Server", [At("tls.crt"), At("tls.key")], () =>
            CertificateFiles.Own(At("tls.crt"), At("tls.key"), File.ReadAllText)
        );
        var roots = TrustSets.Of(_watch, "Roots", new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = At("ca.pem") });
        File.WriteAllText(At("tls.crt"), second.ExportCertificatePem());
        File.WriteAllText(At("ca.pem"), first.ExportCertificatePem() + "\n" + second.ExportCertificatePem()[..300]);
        for (var i = 0; i < 3; i++)
            _watch.Look();
        Assert.Equal(first.RawData, own.Current.Leaf.RawData);
        Assert.Equal(2, roots.Of("a")!.Count);
        Assert.Equal(2, _lines.All.Count(static line => line.StartsWith("Error", StringComparison.Ordinal)));
        File.WriteAllText(At("tls.key"), second.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        for (var i = 0; i < 2; i++)
            _watch.Look();
        Assert.Equal(second.RawData, own.Current.Leaf.RawData);
    }

    private Renewed<string> Hold(string text)
    {
        Write(text);
        return _watch.Hold("Secret", [At("secret")], () =>
            File.ReadAllText(At("secret")) is var read && read == "bad" ? throw new InvalidDataException("it is bad") : read
        );
    }

    private int Gauge()
    {
        var value = -1;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "files.refused")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>(
            (_, measured, tags, _) =>
            {
                if (tags.ToArray().Any(static tag => (string?)tag.Value == "Secret"))
                    value = measured;
            }
        );
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }

    private void Write(string text) => File.WriteAllText(At("secret"), text);

    private string At(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => All.Add($"{logLevel}: {formatter(state, exception)}");
    }
}

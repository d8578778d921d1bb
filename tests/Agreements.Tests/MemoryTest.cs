using Agreements.Loading;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

/// <summary>A watcher reads again only what changed, and ends with the same law and the same errors as one that reads everything.</summary>
public sealed class MemoryTest
{
    private static readonly (string File, string What, string With)[] Changes =
    [
        ("agreements/ANSS-ANAPEC-2026-01.yaml", "perDay: 200000", "perDay: 200001"),
        ("agreements/ANSS-MENPS-2026-01.yaml", "enrolment.since", "enrolment.marks"),
        ("agreements/ANSS-DFP-2026-01.yaml", "ASD_SCHOOLING", "ASD_BIRTH"),
        ("institutions/anss.yaml", "anss-payments", "anss-pays"),
        ("institutions/menps.yaml", "bulk: chunk", "bulk: none"),
        ("institutions/anapec.yaml", "code: ANAPEC", "code: ANAPECX"),
        ("reference/areas.yaml", "06.181.", "06.182."),
        ("openapi/education.yaml", "schoolYear", "schoolJear"),
        ("suspensions.yaml", "2026-10-20", "2026-10-21"),
        ("institutions/anss.yaml", "tokensPerMinute: 60", "tokensPerMinute: 61"),
        ("fhir/elements.yaml", "valueInteger", "valueInteger2"),
        ("institutions/anapec.yaml", "identifierScheme: sector-token", "identifierScheme: massar-code"),
    ];

    [Fact]
    public void Whatever_changes_between_loads_the_memory_gives_what_reading_everything_gives()
    {
        using var contracts = new TheContracts();
        var memory = new LoadMemory(TimeProvider.System);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(Gen.Choose(0, Changes.Length * 2 - 1).ToArbitrary(), step =>
            {
                var (file, what, with) = Changes[step / 2];
                var text = contracts.Read(file);
                contracts.Write(
                    file,
                    step % 2 == 0 ? text.Replace(what, with, StringComparison.Ordinal) : text.Replace(with, what, StringComparison.Ordinal)
                );
                if (file.StartsWith("agreements", StringComparison.Ordinal) && step % 4 < 2)
                    contracts.Sign(Path.GetFileNameWithoutExtension(file));
                // Old enough that the memory may trust it.
                File.SetLastWriteTimeUtc(contracts.At(file), DateTime.UtcNow.AddMinutes(-step - 1));
                var (remembered, whole) = (RegistryLoader.Load(contracts.Folder, TheContracts.Time, null, memory), contracts.Load());
                return remembered.Fingerprint == whole.Fingerprint
                    && remembered.Errors.SequenceEqual(whole.Errors)
                    && remembered.Registry?.Digest == whole.Registry?.Digest
                    && remembered.Registry?.Agreements.Count == whole.Registry?.Agreements.Count;
            }));
    }

    [Fact]
    public void A_file_that_has_not_changed_is_not_read_again()
    {
        using var contracts = new TheContracts();
        foreach (var path in Directory.EnumerateFiles(contracts.At("agreements")))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        var memory = new LoadMemory(TimeProvider.System);
        var first = RegistryLoader.Load(contracts.Folder, TheContracts.Time, null, memory).Registry!;
        contracts.Edit("agreements/ANSS-ANAPEC-2026-01.yaml", "perDay: 200000", "perDay: 200001");
        contracts.Sign("ANSS-ANAPEC-2026-01");
        var second = RegistryLoader.Load(contracts.Folder, TheContracts.Time, null, memory).Registry!;
        Assert.Same(first.Agreements["ANSS-MENPS-2026-01"], second.Agreements["ANSS-MENPS-2026-01"]);
        Assert.NotSame(first.Agreements["ANSS-ANAPEC-2026-01"], second.Agreements["ANSS-ANAPEC-2026-01"]);
        Assert.NotEqual(first.Digest, second.Digest);
    }

    [Fact]
    public void A_signature_does_not_outlive_its_key()
    {
        using var contracts = new TheContracts();
        foreach (var path in Directory.EnumerateFiles(contracts.At("agreements")))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        var memory = new LoadMemory(TimeProvider.System);
        Assert.NotNull(RegistryLoader.Load(contracts.Folder, TheContracts.Time, null, memory).Registry);
        contracts.Write("institutions/menps-sign-2026.jwk.json", TheContracts.Jwk("another"));
        var load = RegistryLoader.Load(contracts.Folder, TheContracts.Time, null, memory);
        Assert.Contains(load.Errors, error => error.What == "the signature of 'menps' does not fit the file");
    }
}

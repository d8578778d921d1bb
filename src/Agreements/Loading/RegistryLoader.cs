using System.Collections.Frozen;
using System.Collections.Immutable;
using Agreements.Contracts;
using Agreements.Loading.Conventions;
using Agreements.Loading.Fhir;
using Agreements.Loading.Institutions;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Reference;
using Agreements.Loading.Remembered;
using Agreements.Loading.Yaml;

namespace Agreements.Loading;

/// <summary>
/// Loads a contracts directory whole: every error of every file at once, and a registry only when there is none. It never throws on what
/// a file contains.
/// </summary>
public sealed class RegistryLoader
{
    private readonly List<LoadError> _errors = [];
    private readonly SharedValues _shared = new();
    private readonly ContractFiles _files;
    private readonly TimeProvider _time;

    private readonly LoadMemory? _memory;
    private readonly OperatorSet? _operators;
    private readonly LawBook? _book;
    private readonly Func<string, bool>? _stopped;

    private RegistryLoader(
        string directory,
        TimeProvider time,
        OperatorSet? operators,
        LoadMemory? memory,
        LawBook? book,
        Func<string, bool>? stopped
    )
    {
        (_time, _operators, _memory, _book, _stopped) = (time, operators, memory, book, stopped);
        _files = ContractFiles.Read(directory, _errors, memory?.Files);
    }

    /// <summary>Loads the directory.</summary>
    /// <param name="contractsDirectory">Folder that holds agreements, institutions, openapi, fhir, reference, and suspensions.yaml.</param>
    /// <param name="time">Clock, for warnings about dates and for the validity of keys.</param>
    /// <param name="operators">Operators of whom two must have approved the set (<c>approvals.yaml</c>); null where no such rule
    /// is.</param>
    /// <param name="book">What was law before, so that nothing that was replaced comes back; null compares with nothing.</param>
    public static RegistryLoad Load(string contractsDirectory, TimeProvider time, OperatorSet? operators = null, LawBook? book = null) =>
        Load(contractsDirectory, time, operators, memory: null, book);

    internal static RegistryLoad Load(
        string contractsDirectory,
        TimeProvider time,
        OperatorSet? operators,
        LoadMemory? memory,
        LawBook? book = null,
        Func<string, bool>? stopped = null
    )
    {
        try
        {
            return new RegistryLoader(contractsDirectory, time, operators, memory, book, stopped).Load();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file changed or went between two looks: the set in force stays, and the next look takes the set whole.
            return new RegistryLoad(null, [new LoadError(".", 0, "set-changing", [], LoadSeverity.Error)]);
        }
    }

    private RegistryLoad Load()
    {
        var reference = Reference();
        var documents = Documents();
        var (operations, types) = Contracts(reference, documents);
        var context = new LoadContext
        {
            Files = _files,
            Today = CivilTime.Today(_time),
            Reference = reference,
            Operations = operations,
            FhirTypes = types,
            ContractsComplete = _errors.All(error => error.Severity is not LoadSeverity.Error),
        };
        Institutions(context);
        var surroundings = SurroundingsOf(context);
        var agreements = Agreements(context, surroundings);
        var former = new FormerReader(_files, context, _memory?.Agreements, _errors, _shared).Read(agreements, surroundings);
        var (suspensions, endings) = Suspensions(context, agreements);
        var approvals = _operators is null ? null : new ApprovalReader(_files, _operators, suspensions, endings, _book);
        approvals?.Check(new FileReport(ContractFiles.ApprovalsFile, _errors, _shared));
        var remembered = _book is null
            ? null
            : new BookRules(_book, context, id =>
                _stopped?.Invoke(id) == true
                || suspensions.Any(one => one.Kind is SuspendedKind.Institution && one.Id == id && one.Since <= context.Today)
            );
        remembered?.Check(agreements.Values);
        Remember(remembered, agreements.Values, StandingStop.Of(suspensions, endings), approvals?.Approval);
        var errors = _errors.Distinct().OrderBy(error => error.File, StringComparer.Ordinal).ThenBy(error => error.Line).ToImmutableArray();
        if (errors.Any(error => error.Severity is LoadSeverity.Error))
            return new RegistryLoad(null, errors) { Fingerprint = _files.Fingerprint, Approvable = _files.Approvable };
        return new RegistryLoad(
            new Registry
            {
                Operations = operations,
                FhirTypes = types,
                Institutions = context.Institutions.ToFrozenDictionary(StringComparer.Ordinal),
                Clients = context.Clients.ToFrozenDictionary(entry => entry.Client.Id, entry => entry.Client, StringComparer.Ordinal),
                Agreements = agreements.Values.ToFrozenDictionary(
                    entry => entry.Agreement.Id,
                    entry => entry.Agreement,
                    StringComparer.Ordinal
                ),
                Former = former,
                Purposes = reference.Purposes,
                LegalBases = reference.LegalBases,
                Qualities = reference.Qualities,
                Areas = reference.Areas,
                Documents = documents,
                Suspensions = suspensions,
                Endings = endings,
                Approval = approvals?.Approval,
                Digest = _files.Digest,
            }.Warmed(),
            errors
        )
        {
            Fingerprint = _files.Fingerprint,
            Approvable = _files.Approvable,
        };
    }

    // Written down before anybody can rely on it; signatures that were seen are written down even when the set comes to nothing.
    private void Remember(
        BookRules? rules,
        IReadOnlyCollection<AgreementEntry> agreements,
        ImmutableArray<StandingStop> stops,
        KnownVersion? approval
    )
    {
        if (rules is null || _book is null)
            return;
        var isLaw = _errors.All(static error => error.Severity is not LoadSeverity.Error);
        if (!isLaw && _book.IsNew)
            return;
        if (isLaw)
            rules.Take(agreements);
        if (isLaw)
            _book.TakeStops(stops);
        if (isLaw && approval is not null)
            _book.TakeApproval(approval);
        try
        {
            _book.Keep();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            new FileReport(".", _errors, _shared).Error(0, "book-unwritable", exception.GetType().Name, "LawBook", "State");
        }
    }

    private ReferenceData Reference()
    {
        var reference = Required("reference/purposes.yaml", PurposeReader.Read) ?? ReferenceData.Empty;
        return reference with
        {
            Qualities = Required("reference/qualities.yaml", CodeListReader.Qualities) ?? FrozenDictionary<string, LocalizedText>.Empty,
            Areas = Required("reference/areas.yaml", CodeListReader.Areas) ?? FrozenDictionary<string, LocalizedText>.Empty,
        };
    }

    private DocumentSet Documents()
    {
        var documents = new DocumentSet();
        foreach (var path in _files.In("openapi", ".yaml"))
        {
            var report = new FileReport(path, _errors, _shared);
            if (StrictYaml.Read(_files.Find(path), report) is { } root)
                documents.Add(new Document(Path.GetFileName(path), root, report));
        }
        return documents;
    }

    private (FrozenDictionary<string, Operation> Operations, FrozenDictionary<string, FhirType> Types) Contracts(
        ReferenceData reference,
        DocumentSet documents
    )
    {
        var table = new OperationTable();
        new OperationReader(documents, table).Read();
        var types = Required("fhir/elements.yaml", FhirTableReader.Read) ?? FrozenDictionary<string, FhirType>.Empty;
        Required("fhir/operations.yaml", (root, report) =>
        {
            FhirOperationReader.Read(root, report, types, table);
            return table;
        });
        return (table.Complete(reference.Purposes), types);
    }

    private void Institutions(LoadContext context)
    {
        foreach (var path in _files.In("institutions", ".yaml"))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            context.InstitutionFiles.Add(name);
            var report = new FileReport(path, _errors, _shared);
            if (StrictYaml.Read(_files.Find(path), report) is not { } root)
                continue;
            var institution = new InstitutionReader(context).Read(name, root, report);
            if (report.Failed)
                continue;
            context.Institutions[name] = institution;
            context.Reports[name] = report;
        }
        OverallRules.Check(context);
    }

    private Surroundings SurroundingsOf(LoadContext context) =>
        new(
            context,
            string.Join(
                ' ',
                _files
                    .Paths.Where(static path =>
                        path.StartsWith("openapi/", StringComparison.Ordinal)
                        || path.StartsWith("fhir/", StringComparison.Ordinal)
                        || path.StartsWith("reference/", StringComparison.Ordinal)
                    )
                    .Select(path => _files.Sha256Of(path))
            )
        );

    private Dictionary<string, AgreementEntry> Agreements(LoadContext context, Surroundings surroundings)
    {
        var entries = new Dictionary<string, AgreementEntry>(StringComparer.Ordinal);
        foreach (var path in _files.In("agreements", ".yaml"))
        {
            if (One(path, context, surroundings) is { } entry)
                entries[Path.GetFileNameWithoutExtension(path)] = entry;
        }
        _memory?.Agreements.Keep(_files.In("agreements", ".yaml").Concat(_files.In("former", ".yaml")).ToHashSet(StringComparer.Ordinal));
        new UnderRules(entries, AgreementFiles(), context).Check();
        PriorAuthorizationRules.Check(entries.Values, context);
        return entries;
    }

    private AgreementEntry? One(string path, LoadContext context, Surroundings surroundings)
    {
        var sha256 = _files.Sha256Of(path)!;
        var report = new FileReport(path, _errors, _shared);
        if (_memory?.Agreements.Find(path, sha256, surroundings, report, _errors) is { } known)
            return known;
        var (before, bytes) = (_errors.Count, _files.Find(path)!);
        if (StrictYaml.Read(bytes, report) is not { } root)
            return null;
        var entry = new AgreementReader(context).Read(Path.GetFileNameWithoutExtension(path), bytes, root, report);
        _memory?.Agreements.Add(path, sha256, surroundings, entry, [.. _errors.Skip(before)]);
        return entry;
    }

    private (ImmutableArray<Suspension> Suspensions, ImmutableArray<Ending> Endings) Suspensions(
        LoadContext context,
        Dictionary<string, AgreementEntry> agreements
    )
    {
        // Without the file nothing is suspended on purpose or by accident: it must exist, and may list nothing.
        (ImmutableArray<Suspension>, ImmutableArray<Ending>)? stopped = null;
        Required(ContractFiles.SuspensionsFile, (root, report) =>
        {
            stopped = new SuspensionReader(new StopTargets.OfFiles(context, AgreementFiles(), agreements)).Read(root, report);
            return report;
        });
        return stopped ?? ([], []);
    }

    private HashSet<string> AgreementFiles() =>
        _files.In("agreements", ".yaml").Select(path => Path.GetFileNameWithoutExtension(path)).ToHashSet(StringComparer.Ordinal);

    private T? Required<T>(string path, Func<YamlMapping, FileReport, T> read)
        where T : class
    {
        var report = new FileReport(path, _errors, _shared);
        if (_files.Find(path) is not { } bytes)
            report.Error(0, "file-missing");
        else if (StrictYaml.Read(bytes, report) is { } root)
            return read(root, report);
        return null;
    }
}

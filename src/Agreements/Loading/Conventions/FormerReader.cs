using System.Collections.Frozen;
using Agreements.Loading.Yaml;
using Agreements.Signatures;
using Wording;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Reads <c>contracts/former</c>: of each agreement the version before the one in force, so that everybody can be told what changed. It
/// grants nothing, so nothing in it stops a set: contracts and keys move on, and what cannot be read any more is a warning and a difference
/// less.
/// </summary>
internal sealed class FormerReader(
    ContractFiles files,
    LoadContext context,
    AgreementMemory? memory,
    List<LoadError> errors,
    SharedValues shared
)
{
    public FrozenDictionary<string, Agreement> Read(IReadOnlyDictionary<string, AgreementEntry> inForce, Surroundings surroundings)
    {
        var former = new Dictionary<string, Agreement>(StringComparer.Ordinal);
        foreach (var path in files.In("former", ".yaml"))
        {
            var (id, report) = (Path.GetFileNameWithoutExtension(path), new FileReport(path, errors, shared));
            if (!inForce.TryGetValue(id, out var now))
                report.Warn(0, "former-alone", "agreements/");
            else if (One(path, id, surroundings, out var why) is not { } agreement)
                report.Warn(0, "former-unreadable", why);
            else if (agreement.Version != now.Agreement.Version - 1)
                report.Warn(0, "former-version", FindingWords.Number(agreement.Version), FindingWords.Number(now.Agreement.Version));
            else
                former[id] = agreement;
        }

        return former.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // Its signatures are passed over: the keys of then need not be registered now.
    private Agreement? One(string path, string id, Surroundings surroundings, out Blank why)
    {
        var (quiet, sha256) = (new List<LoadError>(), files.Sha256Of(path)!);
        var report = new FileReport(path, quiet, shared);
        var entry = memory?.Find(path, sha256, surroundings, report, quiet);
        if (entry is null)
        {
            var bytes = AgreementSignature.SignedBytes(files.Find(path)).ToArray();
            entry = StrictYaml.Read(bytes, report) is { } root ? new AgreementReader(context).Read(id, bytes, root, report) : null;
            if (entry is not null)
                memory?.Add(path, sha256, surroundings, entry, [.. quiet]);
        }

        var wrong = quiet.Find(static error => error.Severity == LoadSeverity.Error);
        why = wrong is null ? "" : Blank.Of(wrong.WhatIn);
        return wrong is null ? entry?.Agreement : null;
    }
}

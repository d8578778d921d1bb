using System.Collections.Immutable;
using Agreements.Contracts;
using Agreements.Loading.Fhir;
using Agreements.Loading.Yaml;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Conventions;

/// <summary>Reads the operations of a grant and what each releases.</summary>
internal sealed class GrantedOperationReader(LoadContext context)
{
    public ImmutableArray<(GrantedOperation Operation, Fields Fields)> Read(Fields grant)
    {
        var items = grant.Maps("operations");
        var byId = new Dictionary<string, Fields>(StringComparer.Ordinal);
        foreach (var item in items)
            if (!byId.TryAdd(item.Text("id"), item))
                item.Report.Error(item.LineOf("id"), "operation-twice", Found(item.OptionalText("id")));
        var operations = ImmutableArray.CreateBuilder<(GrantedOperation, Fields)>();
        foreach (var item in items)
        {
            operations.Add((One(item, byId), item));
            item.Close();
        }
        return operations.ToImmutable();
    }

    private GrantedOperation One(Fields item, Dictionary<string, Fields> byId)
    {
        var id = item.Text("id");
        var type =
            context.Operations.TryGetValue(id, out var operation) && operation.FhirType is { } name
                ? context.FhirTypes.GetValueOrDefault(name)
                : null;
        var release = Expand(ReleaseList(item, byId), type);
        return item.Report.Shared.Value(
            new GrantedOperation(id, item.Report.Shared.List(release), Codes(item), item.Texts("search", required: false))
        );
    }

    private static ImmutableArray<string> ReleaseList(Fields item, Dictionary<string, Fields> byId)
    {
        if (!item.Has("releaseAs"))
            return item.Texts("release", required: false);
        if (item.Has("release"))
            item.Report.Error(item.LineOf("releaseAs"), "release-both", "release", "releaseAs");
        item.Ignore("release");
        var seen = new HashSet<Fields>();
        var at = item;
        while (at.OptionalText("releaseAs") is { } other)
        {
            if (!seen.Add(at))
            {
                item.Report.Error(item.LineOf("releaseAs"), "release-circle", "releaseAs");
                return [];
            }
            if (!byId.TryGetValue(other, out var next))
            {
                item.Report.Error(item.LineOf("releaseAs"), "release-of-nothing", "releaseAs", Found(other));
                return [];
            }
            at = next;
        }
        return at.Texts("release", required: false);
    }

    // A choice is written once in the agreement and stands for every spelling that the table supports.
    private static ImmutableArray<string> Expand(ImmutableArray<string> release, FhirType? type)
    {
        if (type is null || release.All(path => !path.EndsWith("[x]", StringComparison.Ordinal)))
            return release;
        return
        [
            .. release
                .SelectMany(path => path.EndsWith("[x]", StringComparison.Ordinal) ? FhirPaths.Leaves(type, path) : [path])
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private static ImmutableDictionary<string, ImmutableArray<AllowedCode>> Codes(Fields item)
    {
        var codes = ImmutableDictionary.CreateBuilder<string, ImmutableArray<AllowedCode>>(StringComparer.Ordinal);
        foreach (var entry in item.Maps("codes", required: false))
        {
            var path = entry.Text("path");
            var allowed = ImmutableArray.CreateBuilder<AllowedCode>();
            foreach (var pair in entry.Maps("allow"))
            {
                allowed.Add(new AllowedCode(pair.Text("system"), pair.Text("code")));
                pair.Close();
            }
            if (!codes.TryAdd(path, allowed.ToImmutable()))
                entry.Report.Error(entry.LineOf("path"), "codes-twice", Found(path));
            entry.Close();
        }
        return codes.Count == 0 ? ImmutableDictionary<string, ImmutableArray<AllowedCode>>.Empty : codes.ToImmutable();
    }
}

using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wording;

namespace Agreements.Narrowing;

/// <summary>What one system may ask for one purpose.</summary>
/// <param name="Registry">The law.</param>
/// <param name="Agreement">Agreement in force.</param>
/// <param name="Client">The system.</param>
/// <param name="Purpose">Purpose code.</param>
/// <param name="Usable">Grants for that purpose with the operations that the system may use.</param>
/// <param name="Server">Public address of the gateway.</param>
public sealed record NarrowedView(
    Registry Registry,
    Agreement Agreement,
    Client Client,
    string Purpose,
    ImmutableArray<(Grant Grant, GrantedOperation Operation)> Usable,
    string Server
);

/// <summary>
/// The contracts as one OpenAPI 3.1 document, narrowed to what a caller may use (exchanges page, section 13): its operations, its purpose,
/// the released fields of the answers, the headers and identifier schemes of its grants. References lead nowhere but into the document
/// itself.
/// </summary>
public static class NarrowedContract
{
    // Descriptions and titles are read by people too; nothing of it is ever put into HTML.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document, UTF-8.</summary>
    /// <exception cref="ArgumentException">The registry was made by hand and has no documents.</exception>
    public static ReadOnlyMemory<byte> Write(NarrowedView view)
    {
        var documents = view.Registry.Documents ?? throw new ArgumentException("a registry without its documents", nameof(view));
        var (copy, paths) = (new ContractCopy(documents), new JsonObject());
        foreach (var (grant, granted) in view.Usable.OrderBy(static one => one.Operation.Id, StringComparer.Ordinal))
        {
            var operation = view.Registry.Operations[granted.Id];
            if (operation.FhirType is { } type)
                paths[operation.Path] = new JsonObject
                {
                    ["post"] = new FhirContract(copy, view.Registry.FhirTypes[type], operation, grant, granted, view.Purpose).Write(),
                };
            else
                new OperationContract(copy, documents, operation, grant, granted, view.Purpose).Write(paths);
        }

        copy.Components["securitySchemes"] = view.Client.DPoP
            ? new JsonObject
            {
                ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "DPoP" },
            }
            : new JsonObject
            {
                ["certificate"] = new JsonObject { ["type"] = "mutualTLS" },
                ["token"] = new JsonObject
                {
                    ["type"] = "http",
                    ["scheme"] = "bearer",
                    ["bearerFormat"] = "JWT",
                },
            };
        return JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["openapi"] = "3.1.0",
                ["info"] = Described.With(
                    "narrowed",
                    new JsonObject
                    {
                        ["title"] = $"{view.Agreement.Reference}, {view.Purpose}",
                        ["version"] = view.Registry.Digest,
                        ["x-title"] = Titles(view.Agreement.Title),
                    },
                    Blank.Of(view.Client.Names.In)
                ),
                ["servers"] = new JsonArray(new JsonObject { ["url"] = view.Server }),
                ["security"] = new JsonArray(
                    view.Client.DPoP
                        ? new JsonObject { ["token"] = new JsonArray() }
                        : new JsonObject { ["certificate"] = new JsonArray(), ["token"] = new JsonArray() }
                ),
                ["paths"] = paths,
                ["components"] = copy.Components,
            },
            Readable
        );
    }

    /// <summary>A title in three languages.</summary>
    internal static JsonObject Titles(LocalizedText text) =>
        new()
        {
            ["fr"] = text.Fr,
            ["ar"] = text.Ar,
            ["en"] = text.En,
        };
}

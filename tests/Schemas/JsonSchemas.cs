using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Assert = Xunit.Assert;

namespace Schemas;

/// <summary>Judges documents by JSON Schema (draft 2020-12) with a library that nobody here wrote (python3-jsonschema).</summary>
internal sealed class JsonSchemas : IDisposable
{
    private static readonly string Tests = Path.Combine(Root(), "tests");
    private readonly Process _process;
    private readonly List<string> _files = [];

    private JsonSchemas(Process process) => _process = process;

    /// <summary>
    /// The schema of OpenAPI 3.1 as the OpenAPI Initiative publishes it (spec.openapis.org, 2022-10-07, Apache License 2.0), unchanged.
    /// </summary>
    public static string OpenApi { get; } = Path.Combine(Tests, "Gateway.Tests", "Catalogue", "openapi-3.1.schema.json");

    /// <summary>A schema that the contracts publish: <c>agreement</c>, <c>institution</c>.</summary>
    public static string Published(string kind) => Path.Combine(Contracts, "schema", $"{kind}.schema.json");

    /// <summary>The committed contracts.</summary>
    public static string Contracts { get; } = Path.Combine(Root(), "contracts");

    /// <summary>Starts it; skips the test where the library is missing, except in CI.</summary>
    public static JsonSchemas Start()
    {
        using (
            var probe = Process.Start(
                new ProcessStartInfo("python3", ["-c", "import jsonschema; jsonschema.Draft202012Validator"])
                {
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            )!
        )
        {
            probe.WaitForExit();
            if (probe.ExitCode != 0)
            {
                Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "python3-jsonschema is missing: ./test.sh installs it");
                Assert.Skip("python3-jsonschema is missing: apt-get install python3-jsonschema");
            }
        }

        return new JsonSchemas(
            Process.Start(
                new ProcessStartInfo("python3", [Path.Combine(Tests, "Schemas", "validate.py")])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    UseShellExecute = false,
                }
            )!
        );
    }

    /// <summary>A schema named by a reference into an OpenAPI document; the components are judged as schemas on the way.</summary>
    public string Of(JsonNode document, string reference)
    {
        var file = Path.GetTempFileName();
        _files.Add(file);
        var schemas = document["components"]!["schemas"]!
            .ToJsonString()
            .Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
        File.WriteAllText(
            file,
            $$"""{"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"{{reference.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal)}}","$defs":{{schemas}}}"""
        );
        return file;
    }

    /// <summary>Where the document breaks the schema, and which rule; empty when it holds.</summary>
    public IReadOnlyList<string> Errors(string schemaFile, JsonNode instance)
    {
        _process.StandardInput.WriteLine(new JsonObject { ["schema"] = schemaFile, ["instance"] = instance.DeepClone() }.ToJsonString());
        _process.StandardInput.Flush();
        using var answer = JsonDocument.Parse(
            _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the validator ended")
        );
        return
        [
            .. answer
                .RootElement.GetProperty("errors")
                .EnumerateArray()
                .Select(error => $"{error.GetProperty("at").GetString()}: {error.GetProperty("rule").GetString()}"),
        ];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
            _process.Kill();
        _process.Dispose();
        foreach (var file in _files)
            File.Delete(file);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gateway.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}

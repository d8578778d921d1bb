using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agreements.Tests.Schema;

/// <summary>Judges documents by the published schemas with a library that nobody here wrote (python3-jsonschema).</summary>
internal sealed class Validator : IDisposable
{
    private readonly Process _process;

    private Validator(Process process) => _process = process;

    /// <summary>Starts it; skips the test where the library is missing, except in CI.</summary>
    public static Validator Start()
    {
        using (var probe = Process.Start(new ProcessStartInfo("python3", ["-c", "import jsonschema; jsonschema.Draft202012Validator"]) { RedirectStandardError = true, UseShellExecute = false })!)
        {
            probe.WaitForExit();
            if (probe.ExitCode != 0)
            {
                Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "python3-jsonschema is missing: ./test.sh installs it");
                Assert.Skip("python3-jsonschema is missing: apt-get install python3-jsonschema");
            }
        }

        var script = Path.Combine(TheContracts.Committed, "..", "tests", "Agreements.Tests", "Schema", "validate.py");
        return new Validator(Process.Start(new ProcessStartInfo("python3", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!);
    }

    /// <summary>Where the document breaks the schema, and which rule; empty when it holds.</summary>
    public IReadOnlyList<string> Errors(string schema, JsonNode document)
    {
        var task = new JsonObject { ["schema"] = Path.Combine(TheContracts.Committed, "schema", $"{schema}.schema.json"), ["instance"] = document.DeepClone() };
        _process.StandardInput.WriteLine(task.ToJsonString());
        _process.StandardInput.Flush();
        using var answer = JsonDocument.Parse(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the validator ended"));
        return [.. answer.RootElement.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("at").GetString()}: {error.GetProperty("rule").GetString()}")];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }
}

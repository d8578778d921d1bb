using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Interop.Node;

namespace Agreements.Tests.Texts.Directions;

/// <summary>A text and the direction of its paragraph.</summary>
/// <param name="Text">With its isolates.</param>
/// <param name="Direction">rtl or ltr.</param>
internal sealed record Paragraph(
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("direction")] string Direction
);

/// <summary>What ICU knows of a language.</summary>
internal sealed record Knowledge(
    [property: JsonPropertyName("plurals")] string[] Plurals,
    [property: JsonPropertyName("months")] string[] Months
);

/// <summary>What <c>bidi.mjs</c> answers: npm bidi-js lays texts out, the Node of the lock file knows plurals and months.</summary>
/// <param name="Places">Places of each text from the left of the line to its right.</param>
/// <param name="Languages">By language.</param>
internal sealed record Layouts(
    [property: JsonPropertyName("layouts")] int[][] Places,
    [property: JsonPropertyName("languages")] Dictionary<string, Knowledge> Languages
)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<Layouts> Of(IReadOnlyList<Paragraph> texts, IReadOnlyList<long> numbers)
    {
        await NodePackages.Ensure();
        var folder = Directory.CreateTempSubdirectory("bidi-").FullName;
        try
        {
            var (input, output) = (Path.Combine(folder, "in.json"), Path.Combine(folder, "out.json"));
            await File.WriteAllTextAsync(
                input,
                JsonSerializer.Serialize(
                    new
                    {
                        texts,
                        numbers,
                        languages = Wording.Languages.All,
                    }
                )
            );
            var start = new ProcessStartInfo(NodePackages.Node, [Path.Combine(NodePackages.Folder, "bidi.mjs"), input, output])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            using var node = Process.Start(start)!;
            using var patience = new CancellationTokenSource(Patience);
            var errors = await node.StandardError.ReadToEndAsync(patience.Token);
            await node.WaitForExitAsync(patience.Token);
            Assert.True(node.ExitCode == 0, errors);
            return JsonSerializer.Deserialize<Layouts>(await File.ReadAllTextAsync(output))!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

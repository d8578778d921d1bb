using System.Text.Json;
using Spectre.Console;

namespace Sandbox.Walk;

/// <summary>
/// Leads through the exchange and keeps count: every claim that the walk makes is checked, and a claim that does not hold
/// is shown in red and fails <c>--once</c>.
/// </summary>
/// <param name="console">Terminal.</param>
public sealed class Guide(IAnsiConsole console)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private int _step;

    /// <summary>Claims that did not hold.</summary>
    public int Failures { get; private set; }

    /// <summary>Claims that were checked.</summary>
    public int Claims { get; private set; }

    /// <summary>Begins a step.</summary>
    public void Step(string title)
    {
        console.WriteLine();
        console.Write(
            new Rule($"[bold]{++_step}. {Markup.Escape(title)}[/]") { Justification = Justify.Left, Style = new Style(Color.Teal) }
        );
    }

    /// <summary>A sentence or two.</summary>
    public void Say(string text) => console.MarkupLine(text);

    /// <summary>A claim, checked.</summary>
    public void Claim(bool holds, string claim)
    {
        Claims++;
        if (!holds)
            Failures++;
        console.MarkupLine(holds ? $"  [green]✓[/] {Markup.Escape(claim)}" : $"  [bold red]✗ not as expected:[/] {Markup.Escape(claim)}");
    }

    /// <summary>Two JSON texts side by side: what the institution said, and what left.</summary>
    public void Compare(string leftTitle, string left, string rightTitle, string right)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn(new TableColumn($"[yellow]{Markup.Escape(leftTitle)}[/]"));
        table.AddColumn(new TableColumn($"[green]{Markup.Escape(rightTitle)}[/]"));
        table.AddRow(new Text(Pretty(left)), new Text(Pretty(right)));
        console.Write(table);
    }

    /// <summary>A JSON text in a frame.</summary>
    public void Show(string title, string json)
    {
        console.MarkupLine($"[yellow]{Markup.Escape(title)}[/]");
        console.Write(new Panel(new Text(Pretty(json))) { Border = BoxBorder.Rounded });
    }

    /// <summary>Lines that keep their form, for copying.</summary>
    public void Verbatim(string text) => console.Profile.Out.Writer.WriteLine(text);

    /// <summary>JSON with indentation; other text as it is.</summary>
    public static string Pretty(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

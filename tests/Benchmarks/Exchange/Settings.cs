using System.Text.Json;
using Gateway;

namespace Benchmarks.Exchange;

/// <summary>What a contender's process is told.</summary>
public sealed record Settings
{
    public required GatewayOptions Gateway { get; init; }
    public required string Upstream { get; init; }
    public required string LogKey { get; init; }

    public static Settings Read(string file) => JsonSerializer.Deserialize<Settings>(File.ReadAllText(file))!;

    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this));
}

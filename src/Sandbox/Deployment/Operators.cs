using System.Collections.Immutable;
using System.Text.Json;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// Two operators and two officers with keys of their own, in the form that <c>gatewayctl</c> takes (<c>operators.jsonl</c>), so that
/// every command can be
/// tried. They approve acts; contracts need no approval in a sandbox, or no newcomer could edit one.
/// </summary>
internal static class Operators
{
    private const string File = "operators.jsonl";
    private static readonly string[] Ids = ["operator-1", "operator-2", "officer-1", "officer-2"];

    /// <summary>Makes the keys that are missing, and the file unless there is one; gives what <c>sandbox.json</c> says of it all.</summary>
    /// <param name="state">Folder of the town.</param>
    public static OperatorPlace Prepare(StateFolder state)
    {
        var keys = new SigningKeys(state);
        var file = state.At(File);
        if (!System.IO.File.Exists(file))
            StateFolder.WritePublic(file, string.Concat(Ids.Select(id => Line(id, keys) + "\n")));
        return new OperatorPlace
        {
            Authority = state.At("authority.json"),
            Operators = file,
            Keys = Ids.ToImmutableDictionary(static id => id, keys.File, StringComparer.Ordinal),
            Status = state.At("status.db"),
            Index = state.At("index"),
            Texts = state.Folder("texts"),
            SubjectKeys = state.Folder("keys", "subjects"),
        };
    }

    private static string Line(string id, SigningKeys keys)
    {
        var jwk = keys.Public(id);
        return JsonSerializer.Serialize(
            new
            {
                @operator = id,
                jwk = new
                {
                    kty = jwk.Kty,
                    crv = jwk.Crv,
                    x = jwk.X,
                    y = jwk.Y,
                },
            }
        );
    }
}

/// <summary>What operators and officers need to drive the sandbox with <c>gatewayctl</c>.</summary>
public sealed record OperatorPlace
{
    /// <summary>Configuration of the authority: <c>--config</c>.</summary>
    public required string Authority { get; init; }

    /// <summary>Operators' file: <c>--operators</c>.</summary>
    public required string Operators { get; init; }

    /// <summary>Private key of each operator and officer: <c>--key</c>.</summary>
    public required ImmutableDictionary<string, string> Keys { get; init; }

    /// <summary>Status list: <c>--status-file</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Search index: <c>--index</c>.</summary>
    public required string Index { get; init; }

    /// <summary>Texts beside the log: <c>--texts</c>.</summary>
    public required string Texts { get; init; }

    /// <summary>Keys of the log's pseudonyms.</summary>
    public required string SubjectKeys { get; init; }
}

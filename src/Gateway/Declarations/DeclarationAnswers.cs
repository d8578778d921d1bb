using System.Buffers;
using System.Text.Json;
using Gateway.Authorization.Dossiers;
using Gateway.Problems;

namespace Gateway.Declarations;

/// <summary>Writes what became of declarations.</summary>
internal static class DeclarationAnswers
{
    /// <summary>The answer to a single declaration.</summary>
    public static ReadOnlyMemory<byte> Single(DeclaredOutcome outcome)
    {
        var buffer = new ArrayBufferWriter<byte>(32);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("result"u8, Word(outcome));
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>One result line, with its line feed.</summary>
    public static ReadOnlyMemory<byte> Line(string reference, string exchange, Verdict<DeclaredOutcome> verdict, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, ProblemDocument.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("reference"u8, reference);
            json.WriteString("exchangeId"u8, exchange);
            if (verdict.Allows(out var outcome, out var refusal))
                json.WriteString("result"u8, Word(outcome));
            else
                ProblemDocument.WriteInLine(json, refusal, now);

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>ACCEPTED or UNCHANGED.</summary>
    public static string Word(DeclaredOutcome outcome) => outcome == DeclaredOutcome.Accepted ? "ACCEPTED" : "UNCHANGED";
}

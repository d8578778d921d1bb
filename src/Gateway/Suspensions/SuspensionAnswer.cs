using System.Buffers;
using System.Text.Json;
using Agreements;
using Tokens.Status;

namespace Gateway.Suspensions;

/// <summary>What holds once a party's word is taken: written before it is, so that the record can name the bytes.</summary>
internal static class SuspensionAnswer
{
    /// <summary>Writes the answer.</summary>
    /// <param name="act">The party's word.</param>
    /// <param name="before">The list as it stood.</param>
    /// <param name="registry">The law.</param>
    /// <param name="now">Time.</param>
    public static ReadOnlyMemory<byte> Write(PartyAct act, StatusSnapshot before, Registry registry, DateTimeOffset now)
    {
        var by = new SortedSet<string>(
            before.SaidAbout(act.Agreement).Where(said => said.Party != act.Party && said.StopsAt(now)).Select(static said => said.Party),
            StringComparer.Ordinal
        );
        if (act.StopsAt(now))
            by.Add(act.Party);
        if (before.IsSuspendedByOperators(StoppedKind.Agreement, act.Agreement))
            by.Add("operators");
        if (registry.SuspensionOf(SuspendedKind.Agreement, act.Agreement, CivilTime.DateOf(now)) is { } filed)
            by.Add(filed.By);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("agreement", act.Agreement);
            json.WriteString("act", act.Stops ? "suspend" : "lift");
            json.WriteString("by", act.Party);
            json.WriteString("statement", act.StatementId);
            if (act.Until is { } until)
                json.WriteString("until", until.UtcDateTime);
            json.WriteBoolean("suspended", by.Count > 0);
            json.WriteStartArray("suspendedBy");
            foreach (var name in by)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}

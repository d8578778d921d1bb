using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>
/// Copies the released object of a source into the disclosure, narrowed once more: by the exchange's own release list where the
/// source answered under another agreement, and to status and school year where the answer is not settled.
/// </summary>
internal ref struct ReleasedObject(AnswerTree tree, ulong mask, string? pending, Scratch scratch)
{
    /// <summary>Leaves that were copied.</summary>
    public ulong Leaves { get; private set; }

    /// <summary>
    /// Copies the members of the object on whose start the reader stands. The bytes are our own: they were checked when read.
    /// </summary>
    public void Members(ref Utf8JsonReader reader, AnswerNode node)
    {
        var expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = node.Find(ref reader, expected);
            expected = index + 1;
            reader.Read();
            scratch.Lazy.Name(node.Members[index].Name);
            Value(ref reader, node.Members[index].Node);
        }
    }

    private void Value(ref Utf8JsonReader reader, AnswerNode node)
    {
        switch (node.Shape.Kind)
        {
            case ShapeKind.Object:
                scratch.Lazy.Enter(array: false);
                Members(ref reader, node);
                scratch.Lazy.Leave();
                return;
            case ShapeKind.Array:
                Items(ref reader, node);
                return;
            default:
                if ((node.Leaf & mask) == 0)
                    return;
                Leaves |= node.Leaf;
                Copy(ref reader, node);
                return;
        }
    }

    private void Items(ref Utf8JsonReader reader, AnswerNode node)
    {
        scratch.Lazy.Enter(array: true);
        if ((node.Leaf & mask) != 0)
        {
            scratch.Lazy.Value();
            Leaves |= node.Leaf;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Value(ref reader, node.Items!);
        scratch.Lazy.Leave();
    }

    private readonly void Copy(ref Utf8JsonReader reader, AnswerNode node)
    {
        var json = scratch.Lazy.Value();
        if (pending is not null && node.Leaf == tree.StatusLeaf)
            json.WriteStringValue(pending);
        else if (reader.TokenType == JsonTokenType.String)
            json.WriteStringValue(scratch.Text.AsSpan(0, reader.CopyString(scratch.Text)));
        else
            json.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
    }
}

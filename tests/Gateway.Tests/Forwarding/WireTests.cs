using Gateway.Forwarding;
using Xunit;

namespace Gateway.Tests.Forwarding;

/// <summary>What a connection sees of the call that has it.</summary>
public sealed class WireTests
{
    [Fact]
    public async Task Bytes_that_come_before_the_question_has_left_are_no_answer_to_it()
    {
        using var wires = new Wires(static _ => throw new InvalidOperationException("nothing is sent"), TimeProvider.System);
        using var wire = wires.Fresh();
        await using var connection = wire.Watch(new MemoryStream("HTTP/1.1 200 OK\r\n"u8.ToArray()));
        wire.Begin();
        await Assert.ThrowsAsync<IOException>(() => connection.ReadAsync(new byte[1]).AsTask());
        Assert.False(wire.Heard);
        await connection.WriteAsync(Array.Empty<byte>());
        Assert.Equal(1, await connection.ReadAsync(new byte[1]));
        Assert.True(wire.Heard);
        // The next question begins with nothing sent.
        wire.Begin();
        await Assert.ThrowsAsync<IOException>(() => connection.ReadAsync(new byte[1]).AsTask());
    }
}

using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>One sending of a question over one connection.</summary>
/// <param name="Wire">The connection, which somebody has to give back or close.</param>
/// <param name="Captured">What came back.</param>
/// <param name="Error">What YARP says of it.</param>
/// <param name="Cause">The exception behind that.</param>
internal readonly record struct Attempt(Wire Wire, CapturingTransformer Captured, ForwarderError Error, Exception? Cause)
{
    /// <summary>No whole answer came.</summary>
    public bool IsBroken =>
        Error is not ForwarderError.None
        || (Captured.Status == StatusCodes.Status200OK && !Captured.Complete && !Captured.Encoded && !Captured.TooLarge);

    /// <summary>
    /// The other side was just closing a connection that had carried another question: no byte of an answer came. Servers that say so first
    /// say 408 (RFC 9110, section 15.5.9).
    /// </summary>
    public bool MetClosing => Wire.IsUsed && ((IsBroken && !Wire.Heard) || Captured.Status == StatusCodes.Status408RequestTimeout);

    /// <summary>Nobody takes what came, and the connection is closed.</summary>
    public void Discard()
    {
        Captured.Discard();
        Wire.Dispose();
    }

    /// <summary>
    /// It answers another exchange, or may: over a connection that had carried another question, an answer that names none may be a
    /// second one to that.
    /// </summary>
    public bool OfAnother =>
        Captured.OfAnother
        || (Wire.IsUsed && Captured is { Echoed: false, Status: StatusCodes.Status200OK or StatusCodes.Status404NotFound });

    /// <summary>
    /// The connection stands where the next answer begins, and what it brings then is told from an answer to this question: the other
    /// side names exchanges. One that does not may still send a second answer to an earlier question, which nothing tells from the next
    /// one's.
    /// </summary>
    public bool MayGoOn => Captured is { Complete: true, Echoed: true };

    /// <summary>Nobody takes what came. The connection is kept where the provider refused and its words were read to their end.</summary>
    public void End()
    {
        if (IsBroken || !MayGoOn || Captured.Status == StatusCodes.Status200OK)
            Discard();
        else
            Wire.GiveBack();
    }
}

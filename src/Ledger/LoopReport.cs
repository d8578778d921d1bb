namespace Ledger;

/// <summary>Tells the program how a round of a background loop ended. It must not throw.</summary>
/// <param name="loop">Name of the loop.</param>
/// <param name="fault">What the round ended in; null when it went well.</param>
public delegate void LoopReport(string loop, Exception? fault);

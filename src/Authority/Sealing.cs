using Ledger;

namespace Authority;

/// <summary>
/// Room in the ledger for the record of one request, taken before any work. Without a ledger (a test's choice) nothing is sealed.
/// </summary>
public sealed class LedgerSeat : IDisposable
{
    private readonly ILedger? _ledger;
    private readonly Reservation? _reservation;

    private LedgerSeat(ILedger? ledger, Reservation? reservation) => (_ledger, _reservation) = (ledger, reservation);

    /// <summary>Its record is sealed, or was tried: a second one needs a second seat.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Takes room; null when the ledger has none: answer 503 and do nothing.</summary>
    public static LedgerSeat? Take(ILedger? ledger)
    {
        if (ledger is null)
            return new(ledger: null, reservation: null);
        return ledger.TryReserve(1, out var reservation) ? new(ledger, reservation) : null;
    }

    /// <summary>Seals a record that no request waits for; false when it could not be.</summary>
    public static async ValueTask<bool> SealOnce(ILedger? ledger, SealedRecord record)
    {
        using var seat = Take(ledger);
        return seat is not null && await seat.Seal(record);
    }

    /// <summary>
    /// Seals the record. When this returns true it is durable and the answer may leave; false means 503 and nothing else.
    /// </summary>
    public async ValueTask<bool> Seal(SealedRecord record)
    {
        IsUsed = true;
        if (_ledger is null)
            return true;
        try
        {
            await _ledger.AppendAsync(_reservation!, [record]);
            return true;
        }
        catch (LedgerUnavailable)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _reservation?.Dispose();
}

/// <summary>
/// A token whose record is durable. Only sealing makes one, and only this can be signed: nothing is signed before policy has decided and
/// the record stands (OA-63).
/// </summary>
public sealed class SealedToken
{
    private SealedToken(ComposedToken token, Confirmation confirmation, Grant grant) =>
        (Token, Confirmation, Grant) = (token, confirmation, grant);

    /// <summary>What will be signed.</summary>
    public ComposedToken Token { get; }

    /// <summary>What it is bound to.</summary>
    public Confirmation Confirmation { get; }

    /// <summary>What it grants.</summary>
    public Grant Grant { get; }

    /// <summary>
    /// Seals the record of a token. Crash after this: a record of a token that was never delivered, which is the safe side.
    /// </summary>
    public static async ValueTask<Verdict<SealedToken>> Seal(
        LedgerSeat seat,
        AuthenticatedClient client,
        Confirmation confirmation,
        Grant grant,
        ComposedToken token,
        TimeProvider time
    )
    {
        var record = TokenRecord.Issued(Ulid.New(time), time.GetUtcNow(), client, confirmation, grant, token);
        return await seat.Seal(record) ? new SealedToken(token, confirmation, grant) : ClientEndpoint.LedgerUnavailable;
    }
}

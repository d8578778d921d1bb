using System.Collections.Immutable;

namespace Agreements;

/// <summary>What ends.</summary>
public enum ExpiryKind
{
    /// <summary>An agreement.</summary>
    Agreement,

    /// <summary>A CNDP authorization.</summary>
    Authorization,

    /// <summary>A certificate.</summary>
    Certificate,

    /// <summary>A key.</summary>
    Key,
}

/// <summary>Something that ends soon, or has ended.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Agreement id, client id with key id, or the name of a certificate.</param>
/// <param name="Until">Last civil day on which it holds.</param>
/// <param name="Days">Days left; negative when it has ended.</param>
/// <param name="Within">Line that was crossed: 60, 30, 7, or the agreement's own; 0 when it has ended.</param>
public sealed record Expiry(ExpiryKind Kind, string Id, DateOnly Until, int Days, int Within)
{
    /// <summary>Days at which a warning begins, where nothing else is said.</summary>
    public static ImmutableArray<int> Lines { get; } = [60, 30, 7];

    /// <summary>The one rule for everything that ends; null while no line is crossed.</summary>
    /// <param name="kind">What ends.</param>
    /// <param name="id">Its id.</param>
    /// <param name="until">Last civil day.</param>
    /// <param name="today">Civil day.</param>
    /// <param name="lines">Days before the end; <see cref="Lines"/> when empty.</param>
    public static Expiry? Of(ExpiryKind kind, string id, DateOnly until, DateOnly today, ImmutableArray<int> lines = default)
    {
        var days = until.DayNumber - today.DayNumber;
        if (days < 0)
            return new(kind, id, until, days, 0);
        var within = 0;
        foreach (var line in lines.IsDefaultOrEmpty ? Lines : lines)
            if (days <= line && (within == 0 || line < within))
                within = line;
        return within == 0 ? null : new(kind, id, until, days, within);
    }

    /// <summary>A certificate, by the instant at which it ends.</summary>
    public static Expiry? OfCertificate(string name, DateTimeOffset notAfter, DateOnly today) =>
        Of(ExpiryKind.Certificate, name, CivilTime.DateOf(notAfter), today);

    /// <summary>
    /// Everything of a registry that ends within its lines, the soonest first: agreements (by their own <c>warnDaysBefore</c>), the
    /// authorizations that their grants live on, keys of clients with a stated validity. What has ended is listed for a line's length, 60
    /// days.
    /// </summary>
    public static ImmutableArray<Expiry> AllOf(Registry registry, DateOnly today)
    {
        var found = new List<Expiry>();
        foreach (var agreement in registry.Agreements.Values)
            found.AddRange(Of(registry, agreement, today));
        foreach (var client in registry.Clients.Values)
            found.AddRange(Of(client, today));
        return Sorted(found);
    }

    /// <summary>The soonest first; what ended more than 60 days ago is left out.</summary>
    public static ImmutableArray<Expiry> Sorted(IEnumerable<Expiry> found) =>
        [
            .. found
                .Where(static one => one.Days >= -Lines[0])
                .OrderBy(static one => one.Until)
                .ThenBy(static one => one.Id, StringComparer.Ordinal),
        ];

    /// <summary>What ends of one agreement: itself, and the authorization that its grants live on.</summary>
    public static IEnumerable<Expiry> Of(Registry registry, Agreement agreement, DateOnly today)
    {
        // Nothing is to be renewed of an agreement that was ended or has been replaced by time.
        if (registry.EndingOf(agreement.Id, today) is not null)
            yield break;
        if (Of(ExpiryKind.Agreement, agreement.Reference, agreement.Until, today, agreement.WarnDaysBefore) is { } term)
            yield return term;
        if (agreement.PriorAuthorization is not { } prior || agreement.Until < today || prior.Until >= agreement.Until)
            yield break;
        if (Of(ExpiryKind.Authorization, $"{agreement.Reference} {prior.Number}", prior.Until, today) is { } authorization)
            yield return authorization;
    }

    /// <summary>What ends of one system's registration: its keys with a stated validity.</summary>
    public static IEnumerable<Expiry> Of(Client client, DateOnly today)
    {
        foreach (var key in client.KeyValidities)
            if (Of(ExpiryKind.Key, $"{client.Id} {key.KeyId}", key.Until, today) is { } expiry)
                yield return expiry;
    }
}

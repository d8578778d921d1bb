using Wording;

namespace Verifier;

/// <summary>What the program says, in French, Arabic and English. Places and numbers are put in; contents never are.</summary>
internal sealed class Sentences
{
    private readonly string _language;

    /// <param name="language">fr, ar or en.</param>
    /// <exception cref="ArgumentException">Another language.</exception>
    public Sentences(string language) =>
        this._language = Languages.All.Contains(language)
            ? language
            : throw new ArgumentException("A sentence is said in fr, ar or en.", nameof(language));

    /// <summary>All of them.</summary>
    public static TextBook Book { get; } = TextBook.Of(typeof(Sentences).Assembly, "Sentences");

    /// <summary>The sentence of a key with its values.</summary>
    public string Say(string key, params ReadOnlySpan<Blank> values) => Book.Say(key, _language, values);

    /// <summary>What is wrong with a log, and where.</summary>
    public string Say(Ledger.LedgerDamaged damage) => Say("damage-" + damage.Kind, damage.Place, "--hashes-only", "--ca", "--certificate");

    /// <summary>What is wrong with a signed note.</summary>
    public string Say(Ledger.DamageKind kind, string place) => Say(new Ledger.LedgerDamaged(place, "") { Kind = kind });

    /// <summary>The number of a record: a name, so not grouped.</summary>
    public static Blank Number(long index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What a person can mend: a file, a key, a value.</summary>
/// <param name="key">Key of the sentence.</param>
/// <param name="values">What stands in its blanks.</param>
#pragma warning disable CA1064 // never leaves this program: it becomes a sentence
internal sealed class Wrong(string key, params Blank[] values) : Exception
{
    public string Say(Sentences sentences) => sentences.Say(key, values);
}
#pragma warning restore CA1064

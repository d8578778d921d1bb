using Wording;

namespace Agreements.Tests.Texts;

/// <summary>Numbers, days, hours, lists and directions as each language has them.</summary>
public sealed class WordingTests
{
    private const char Open = Isolation.FirstStrong,
        Left = Isolation.LeftToRight,
        Close = Isolation.End;

    [Theory]
    [InlineData(0, "0 يوم")]
    [InlineData(1, "يوم واحد")]
    [InlineData(2, "يومان")]
    [InlineData(3, "3 أيام")]
    [InlineData(10, "10 أيام")]
    [InlineData(11, "11 يوما")]
    [InlineData(99, "99 يوما")]
    [InlineData(100, "100 يوم")]
    [InlineData(101, "101 يوم")]
    [InlineData(102, "102 يوم")]
    [InlineData(103, "103 أيام")]
    [InlineData(111, "111 يوما")]
    [InlineData(1000, "1\u202F000 يوم")]
    [InlineData(1_000_000, "1\u202F000\u202F000 يوم")]
    public void An_Arabic_noun_takes_the_form_of_its_number(int days, string said) => Assert.Equal(said, Days.Length(0, days, "ar"));

    [Theory]
    [InlineData(0, "0\u00A0jour", "0\u00A0days")]
    [InlineData(1, "1\u00A0jour", "1\u00A0day")]
    [InlineData(2, "2\u00A0jours", "2\u00A0days")]
    [InlineData(1000, "1\u202F000\u00A0jours", "1\u202F000\u00A0days")]
    [InlineData(1_000_000, "1\u202F000\u202F000 de jours", "1\u202F000\u202F000\u00A0days")]
    public void French_and_English_nouns_do_too(int days, string french, string english) =>
        Assert.Equal((french, english), (Days.Length(0, days, "fr"), Days.Length(0, days, "en")));

    [Theory]
    [InlineData("ar", 0, "zero")]
    [InlineData("ar", 1, "one")]
    [InlineData("ar", 2, "two")]
    [InlineData("ar", 110, "few")]
    [InlineData("ar", 199, "many")]
    [InlineData("ar", 200, "other")]
    [InlineData("fr", 1, "one")]
    [InlineData("fr", 999_999, "other")]
    [InlineData("fr", 3_000_000, "many")]
    [InlineData("en", 1_000_000, "other")]
    public void Forms_are_those_of_the_CLDR(string language, long number, string form)
    {
        Assert.Equal(form, Plural.FormOf(number, language));
        Assert.Contains(form, Plural.FormsOf(language));
    }

    [Theory]
    [InlineData(60, 0, "5\u00A0ans", "5 سنوات")]
    [InlineData(12, 0, "1\u00A0an", "سنة واحدة")]
    [InlineData(0, 30, "30\u00A0jours", "30 يوما")]
    [InlineData(1, 15, "1\u00A0mois et 15\u00A0jours", "شهر واحد و15 يوما")]
    public void A_length_is_said_in_the_units_in_which_people_count(int months, int days, string french, string arabic) =>
        Assert.Equal((french, arabic), (Days.Length(months, days, "fr"), Days.Length(months, days, "ar")));

    [Fact]
    public void A_time_is_said_without_what_is_zero_of_it()
    {
        Assert.Equal("8\u00A0secondes", Days.Length(TimeSpan.FromSeconds(8), "fr"));
        Assert.Equal("ساعتان و30 دقيقة", Days.Length(TimeSpan.FromHours(2.5), "ar"));
        Assert.Equal("0\u00A0seconds", Days.Length(TimeSpan.Zero, "en"));
    }

    [Fact]
    public void Hours_of_a_week_are_counted_in_hours()
    {
        Assert.Equal("128\u00A0heures", Days.InHours(TimeSpan.FromHours(128), "fr"));
        Assert.Equal("42\u00A0hours and 30\u00A0minutes", Days.InHours(TimeSpan.FromHours(42.5), "en"));
        Assert.Equal("128 ساعة", Days.InHours(TimeSpan.FromHours(128), "ar"));
    }

    [Fact]
    public void Days_have_the_names_of_Morocco_and_the_first_has_its_own()
    {
        string[] french =
        [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ];
        string[] arabic = ["يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"];
        for (var month = 1; month <= 12; month++)
        {
            Assert.Equal($"15 {french[month - 1]} 2026", Days.Say(new DateOnly(2026, month, 15), "fr"));
            Assert.Equal($"1er {french[month - 1]} 2026", Days.Say(new DateOnly(2026, month, 1), "fr"));
            Assert.Equal($"15 {arabic[month - 1]} 2026", Days.Say(new DateOnly(2026, month, 15), "ar"));
            Assert.Equal($"فاتح {arabic[month - 1]} 2026", Days.Say(new DateOnly(2026, month, 1), "ar"));
        }
    }

    [Theory]
    [InlineData(8, 30, "8\u00A0h\u00A030", "8:30")]
    [InlineData(8, 0, "8\u00A0h", "8:00")]
    [InlineData(0, 5, "0\u00A0h\u00A005", "0:05")]
    public void Hours_are_said_as_offices_write_them(int hour, int minute, string french, string arabic) =>
        Assert.Equal((french, arabic), (Days.Say(new TimeOnly(hour, minute), "fr"), Days.Say(new TimeOnly(hour, minute), "ar")));

    // Ramadan of 2026: from 15 February to 22 March the clocks of Morocco show UTC.
    [Theory]
    [InlineData(
        "2026-06-01T12:00:00Z",
        "1er juin 2026 à 13\u00A0h (heure de Casablanca)",
        "فاتح يونيو 2026 على الساعة 13:00 (بتوقيت الدار البيضاء)"
    )]
    [InlineData(
        "2026-03-02T12:00:00Z",
        "2 mars 2026 à 12\u00A0h (heure de Casablanca)",
        "2 مارس 2026 على الساعة 12:00 (بتوقيت الدار البيضاء)"
    )]
    [InlineData(
        "2026-12-31T23:30:00Z",
        "1er janvier 2027 à 0\u00A0h\u00A030 (heure de Casablanca)",
        "فاتح يناير 2027 على الساعة 0:30 (بتوقيت الدار البيضاء)"
    )]
    public void A_moment_is_one_of_Casablanca_and_says_so(string moment, string french, string arabic)
    {
        var at = DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((french, arabic), (Days.Say(at, "fr"), Days.Say(at, "ar")));
    }

    [Theory]
    [InlineData("يجب تحديد --law-book.", "يجب تحديد \u2066--law-book\u2069.")]
    [InlineData("ترويسة Retry-After، ثم Python 3.", "ترويسة \u2066Retry-After\u2069، ثم \u2066Python 3\u2069.")]
    [InlineData("(spkiSha256، x5tS256)", "(\u2066spkiSha256\u2069، \u2066x5tS256\u2069)")]
    [InlineData("من 2026-12-31 إلى 5000 سطر", "من \u20662026-12-31\u2069 إلى 5000 سطر")]
    [InlineData("ملف l’école فقط", "ملف \u2066l’école\u2069 فقط")]
    public void A_Latin_run_of_an_Arabic_sentence_is_isolated(string sentence, string isolated)
    {
        Assert.Equal(isolated, Isolation.OfRuns(sentence, "ar"));
        Assert.Equal(isolated, Isolation.OfRuns(isolated, "ar"));
        Assert.Equal(sentence, Isolation.OfRuns(sentence, "fr"));
    }

    [Fact]
    public void What_stands_in_a_blank_is_isolated_where_its_direction_may_differ()
    {
        Assert.Equal($"{Open}--ca{Close}", Blank.Of("--ca").Say("ar"));
        Assert.Equal("--ca", Blank.Of("--ca").Say("fr"));
        Assert.Equal($"{Open}الوكالة{Close}", Blank.Of("الوكالة").Say("fr"));
        Assert.Equal($"{Open}{Left}CNSS{Close} مؤسسة{Close}", Blank.Of("CNSS مؤسسة").Say("en"));
        Assert.Equal($"{Open}a{Close}، {Open}b{Close}", Blank.List(["a", "b"]).Say("ar"));
        Assert.Equal("a, b", Blank.List(["a", "b"]).Say("fr"));
    }

    [Theory]
    [InlineData("\u2069عكس\u2066")]
    [InlineData("a\u2069")]
    [InlineData("\u2068\u2068a\u2069")]
    public void A_value_does_not_close_what_stands_around_it(string value)
    {
        var said = Blank.Of(value).Say("ar");
        Assert.Equal(said.Count(static mark => mark is Open or Left), said.Count(static mark => mark == Close));
        Assert.StartsWith(Open.ToString(), said, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Close}{Close}{Close}", said, StringComparison.Ordinal);
        Assert.Equal(said.Length - 1, said.LastIndexOf(Close));
    }

    [Fact]
    public void HTML_has_elements_for_what_is_isolated_and_closes_each()
    {
        static string Html(string text) => Isolation.ToHtml(text, static words => words.Replace("<", "&lt;", StringComparison.Ordinal));
        Assert.Equal("من <bdi dir=\"ltr\">--ca</bdi> <bdi>&lt;b></bdi>", Html("من \u2066--ca\u2069 \u2068<b>\u2069"));
        Assert.Equal("a<bdi>b</bdi>", Html("a\u2068b"));
        Assert.Equal("ab", Html("a\u2069b"));
    }
}

using System.Globalization;

namespace Verifier;

/// <summary>What the check of a receipt says, in French, Arabic and English. Places and numbers are put in; contents never are.</summary>
internal sealed class Sentences
{
    private static readonly Dictionary<string, (string Fr, string Ar, string En)> All = new(StringComparer.Ordinal)
    {
        ["no-header"] = ("il n’y a pas d’en-tête Audit-Receipt bien formé", "لا توجد ترويسة Audit-Receipt سليمة", "there is no well-formed Audit-Receipt header"),
        ["unsigned"] = ("le reçu n’est pas signé par une clé de confiance de {0}", "الوصل غير موقع بمفتاح موثوق به للسجل {0}", "the receipt is not signed by a trusted key of {0}"),
        ["damaged"] = ("le journal ne se vérifie pas : {0}", "تعذر التحقق من السجل: {0}", "{0}"),
        ["body-alone"] = ("un corps ne se vérifie qu’avec son enregistrement : donnez l’enregistrement ou le journal", "لا يمكن التحقق من المحتوى إلا مع قيده: قدموا القيد أو السجل", "a body can only be checked with its record: give the record or the log"),
        ["proved-alone"] = (
            "{0} a signé un arbre de {1} enregistrements et déclaré que son enregistrement {2} est l’échange {3}{4} ; pour savoir si l’enregistrement s’y trouve, il faut le journal.",
            "وقع {0} شجرة من {1} قيدا وصرح بأن القيد {2} فيها هو التبادل {3}{4}؛ أما وجود القيد في تلك الشجرة فيحتاج إلى السجل.",
            "{0} signed a tree of {1} records and stated that record {2} of it is exchange {3}{4}; whether the record stands in that tree takes the log."),
        ["proved"] = (
            "l’enregistrement {2} de {0} est l’échange {3}{4}, et il se trouve inchangé dans le journal de {1} enregistrements publié aujourd’hui.",
            "القيد {2} من {0} هو التبادل {3}{4}، وهو موجود دون تغيير في السجل المنشور حاليا والمكون من {1} قيدا.",
            "record {2} of {0} is exchange {3}{4}, and it stands unchanged in the log of {1} records that is published now."),
        ["other-log"] = ("le reçu est de {0}, le journal est {1}", "الوصل من {0} والسجل هو {1}", "the receipt is of {0}, the log is {1}"),
        ["not-yet-published"] = (
            "l’enregistrement {2} n’est pas encore publié : le journal a publié {0} enregistrements, le reçu en couvre {1}. La publication "
            + "prend une seconde : vérifiez de nouveau dans une minute, sur une copie du journal prise après cela. S’il manque encore, le "
            + "journal renie ce qu’il a signé",
            "القيد {2} لم يُنشر بعد: نشر السجل {0} قيدا والوصل يغطي {1}. "
            + "يستغرق النشر ثانية: أعيدوا التحقق بعد دقيقة، على نسخة من السجل أُخذت بعد ذلك. فإن ظل القيد غائبا فالسجل ينكر ما وقعه",
            "record {2} is not published yet: the log has published {0} records, the receipt covers {1}. Publication takes a second: check "
            + "again in a minute, on a copy of the log that was taken after that. If it is still missing, the log denies what it signed"),
        ["two-histories"] = (
            "le journal publié ne prolonge pas l’arbre de {0} enregistrements qu’il a signé : il a deux histoires",
            "السجل المنشور لا يواصل الشجرة المكونة من {0} قيدا التي وقعها: له تاريخان",
            "the published log does not continue the tree of {0} records that it signed: it has two histories"),
        ["not-included"] = ("l’enregistrement {0} n’est pas dans l’arbre pour lequel le reçu est signé", "القيد {0} ليس في الشجرة التي وقع الوصل من أجلها", "record {0} is not in the tree that the receipt is signed for"),
        ["other-leaf"] = ("l’enregistrement {0} n’a pas l’empreinte que porte le reçu", "لا يحمل القيد {0} البصمة الواردة في الوصل", "record {0} does not have the receipt's leaf hash"),
        ["other-exchange"] = ("l’enregistrement {0} est celui d’un autre échange", "القيد {0} يخص تبادلا آخر", "record {0} is of another exchange"),
        ["no-answer-digest"] = ("l’enregistrement {0} ne contient pas d’empreinte de la réponse", "لا يتضمن القيد {0} بصمة الجواب", "record {0} holds no digest of the answer"),
        ["no-request-digest"] = ("l’enregistrement {0} ne contient pas d’empreinte de la demande", "لا يتضمن القيد {0} بصمة الطلب", "record {0} holds no digest of the request"),
        ["other-answer"] = ("la réponse n’est pas celle dont parle l’enregistrement {0}", "الجواب ليس هو الذي يتعلق به القيد {0}", "the answer is not the one that record {0} is about"),
        ["other-request"] = ("la demande n’est pas celle dont parle l’enregistrement {0}", "الطلب ليس هو الذي يتعلق به القيد {0}", "the request is not the one that record {0} is about"),
        ["with-both"] = (", avec exactement cette demande et cette réponse", "، بهذا الطلب وهذا الجواب بالضبط", ", with exactly this request and this answer"),
        ["with-answer"] = (", avec exactement cette réponse", "، بهذا الجواب بالضبط", ", with exactly this answer"),
        ["with-request"] = (", avec exactement cette demande", "، بهذا الطلب بالضبط", ", with exactly this request"),
    };

    private readonly string language;

    /// <param name="language">fr, ar or en.</param>
    /// <exception cref="FormatException">Another language.</exception>
    public Sentences(string language) => this.language = language is "fr" or "ar" or "en" ? language : throw new FormatException("a sentence is said in fr, ar or en");

    /// <summary>Keys of all sentences.</summary>
    public static IReadOnlyCollection<string> Keys => All.Keys;

    /// <summary>The sentence of a key with its values.</summary>
    public string Say(string key, params object[] values)
    {
        var (fr, ar, en) = All[key];
        return string.Format(CultureInfo.InvariantCulture, language switch { "fr" => fr, "ar" => ar, _ => en }, values);
    }
}

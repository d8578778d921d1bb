using System.Globalization;

namespace Verifier;

/// <summary>What the check of a receipt says, in French, Arabic and English. Places and numbers are put in; contents never are.</summary>
internal sealed class Sentences
{
    private static readonly Dictionary<string, (string Fr, string Ar, string En)> All = new(StringComparer.Ordinal)
    {
        ["no-header"] = (
            "il n’y a pas d’en-tête Audit-Receipt bien formé",
            "لا توجد ترويسة Audit-Receipt سليمة",
            "there is no well-formed Audit-Receipt header"),
        ["unsigned"] = (
            "le reçu n’est pas signé par une clé de confiance de {0}",
            "الوصل غير موقع بمفتاح موثوق به للسجل {0}",
            "the receipt is not signed by a trusted key of {0}"),
        ["damaged"] = (
            "le journal des accès ne se vérifie pas\u00A0: {0}",
            "تعذر التحقق من سجل الولوج: {0}",
            "the access log cannot be verified: {0}"),
        ["body-alone"] = (
            "un contenu ne se vérifie qu’avec son enregistrement\u00A0: donner l’enregistrement ou le journal des accès",
            "لا يمكن التحقق من المحتوى إلا مع قيده: يجب تقديم القيد أو سجل الولوج",
            "a body can only be checked with its record: give the record or the access log"),
        ["proved-alone"] = (
            "le journal {0} a signé un arbre d’enregistrements (nombre\u00A0: {1}) et déclaré que son enregistrement {2} est l’échange {3}{4}\u202F; pour savoir si l’enregistrement s’y trouve, il faut le journal des accès.",
            "وقع السجل {0} على شجرة قيود (عددها: {1})، وصرح بأن القيد {2} فيها هو التبادل {3}{4}؛ ولمعرفة هل يوجد القيد في تلك الشجرة يلزم سجل الولوج.",
            "{0} signed a tree of records (number: {1}) and stated that record {2} of it is exchange {3}{4}; the access log is needed to tell whether the record stands in that tree."),
        ["proved"] = (
            "l’enregistrement {2} de {0} est l’échange {3}{4}, et il se trouve inchangé dans le journal des accès publié aujourd’hui (enregistrements\u00A0: {1}).",
            "القيد {2} من {0} هو التبادل {3}{4}، وهو موجود دون تغيير في سجل الولوج المنشور حاليا (عدد القيود: {1}).",
            "record {2} of {0} is exchange {3}{4}, and it stands unchanged in the access log that is published now (records: {1})."),
        ["other-log"] = (
            "le reçu est de {0}, le journal des accès est {1}",
            "الوصل من {0} وسجل الولوج هو {1}",
            "the receipt is of {0}, the access log is {1}"),
        ["not-yet-published"] = (
            "l’enregistrement {2} n’est pas encore publié (enregistrements publiés\u00A0: {0}\u202F; couverts par le reçu\u00A0: {1}). La publication "
            + "prend une seconde\u00A0: vérifier de nouveau dans une minute, sur une copie du journal des accès prise après cela. S’il manque "
            + "encore, le journal renie ce qu’il a signé",
            "لم يتم نشر القيد {2} بعد (القيود المنشورة: {0}؛ القيود التي يغطيها الوصل: {1}). ويستغرق النشر ثانية: يجب إعادة التحقق بعد دقيقة، "
            + "على نسخة من سجل الولوج تم أخذها بعد ذلك. فإن ظل القيد غائبا فالسجل ينكر ما وقعه",
            "record {2} is not published yet (records published: {0}; covered by the receipt: {1}). Publication takes a second: check again in "
            + "a minute, on a copy of the access log that was taken after that. If it is still missing, the log denies what it signed"),
        ["two-histories"] = (
            "le journal des accès publié ne prolonge pas l’arbre qu’il a signé (enregistrements\u00A0: {0})\u00A0: il existe deux versions incompatibles de ce journal",
            "سجل الولوج المنشور لا يواصل الشجرة التي وقعها (عدد القيود: {0}): يوجد سجلان متعارضان",
            "the published access log does not continue the tree that it signed (records: {0}): there are two incompatible versions of this log"),
        ["not-included"] = (
            "l’enregistrement {0} n’est pas dans l’arbre pour lequel le reçu est signé",
            "القيد {0} ليس في الشجرة التي تم توقيع الوصل من أجلها",
            "record {0} is not in the tree that the receipt is signed for"),
        ["other-leaf"] = (
            "l’enregistrement {0} n’a pas l’empreinte que porte le reçu",
            "لا يحمل القيد {0} البصمة الواردة في الوصل",
            "record {0} does not have the receipt's leaf hash"),
        ["other-exchange"] = (
            "l’enregistrement {0} est celui d’un autre échange",
            "القيد {0} يخص تبادلا آخر",
            "record {0} is of another exchange"),
        ["no-answer-digest"] = (
            "l’enregistrement {0} ne contient pas d’empreinte de la réponse",
            "لا يتضمن القيد {0} بصمة الجواب",
            "record {0} holds no digest of the answer"),
        ["no-request-digest"] = (
            "l’enregistrement {0} ne contient pas d’empreinte de la requête",
            "لا يتضمن القيد {0} بصمة الطلب",
            "record {0} holds no digest of the request"),
        ["other-answer"] = (
            "la réponse n’est pas celle dont parle l’enregistrement {0}",
            "الجواب ليس هو الذي يتعلق به القيد {0}",
            "the answer is not the one that record {0} is about"),
        ["other-request"] = (
            "la requête n’est pas celle dont parle l’enregistrement {0}",
            "الطلب ليس هو الذي يتعلق به القيد {0}",
            "the request is not the one that record {0} is about"),
        ["with-both"] = (
            ", avec exactement cette requête et cette réponse",
            "، بهذا الطلب وهذا الجواب بالضبط",
            ", with exactly this request and this answer"),
        ["with-answer"] = (", avec exactement cette réponse", "، بهذا الجواب بالضبط", ", with exactly this answer"),
        ["with-request"] = (", avec exactement cette requête", "، بهذا الطلب بالضبط", ", with exactly this request"),
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

namespace Agreements.Tests.Texts;

/// <summary>
/// The glossary of the texts, as the words that are not used and what is written instead: one word per concept in each language. The
/// agency confirms it (contracts/README.md, Words and titles).
/// </summary>
internal static class Glossary
{
    // A word of Arabic with its article, conjunction or preposition, and nothing of another word.
    private static string Arabic(string word) => $@"(?<!\p{{L}})[وف]?[بكل]?(ال|ل)?({word})(?!\p{{L}})";

    private static string Latin(string word) => $@"(?<![\p{{L}}_-])({word})(?![\p{{L}}_-])";

    /// <summary>Words that no text uses: language, pattern, the word to use.</summary>
    public static IReadOnlyList<(string Language, string Pattern, string Instead)> Forbidden { get; } =
    [
        ("fr", Latin("octrois?"), "habilitation"),
        ("fr", Latin("convention de partenariat"), "convention"),
        ("fr", Latin("(dé)?lib(ère|èrent|érer|érée?s?)"), "communiquer"),
        ("fr", Latin("bureaux?"), "représentation territoriale"),
        ("fr", Latin("opérateurs?"), "exploitant"),
        ("fr", Latin("revendications?"), "champ (claim)"),
        ("fr", Latin("champs?") + @"(?! \(claim\))", "donnée"),
        ("fr", Latin("consommateurs?"), "institution demandeuse"),
        ("fr", Latin("appelante?s?"), "institution demandeuse, ou système"),
        ("fr", Latin("fournisseurs?"), "institution fournisseuse"),
        ("fr", Latin("appels?"), "requête, ou consultation"),
        ("fr", Latin("questions?|demandes"), "requête, ou consultation"),
        ("fr", "(?<!certificat |gatewayctl )" + Latin("clients?"), "système"),
        ("fr", Latin("registre") + "(?! (national|social))", "journal des accès"),
        ("fr", Latin("journal d’accès"), "journal des accès"),
        ("fr", Latin("traces?"), "enregistrement"),
        ("fr", Latin("contrats?"), "spécification technique"),
        ("fr", Latin("adoptions?"), "kafala"),
        ("fr", Latin("issue"), "résultat"),
        ("fr", Latin("territoire"), "ressort"),
        ("fr", Latin("dossiers? de preuves?"), "recueil de preuves"),
        ("fr", Latin("jugez|envoyez|vérifiez|écrivez|signez|utilisez|faites|mettez|ajoutez"), "l'infinitif, après l'acteur"),
        ("fr", Latin("du soutien social"), "de soutien social"),
        ("fr", @"(?<!n°)\u00A0?(?<=[Ll]oi |[Dd]écret )\d", "loi n° …, décret n° …"),
        ("fr", @"jour\(s\)|mois\(s\)|erreur\(s\)|\w\(s\)", "un libellé, puis le nombre"),
        ("fr", "[àÀ] (confirmer|vérifier)", "un commentaire dans le YAML"),

        ("ar", Arabic("منح"), "ترخيص"),
        ("ar", Arabic("مستهلك"), "المؤسسة الطالبة"),
        ("ar", Arabic("غرض|أغراض"), "الغاية"),
        ("ar", Arabic("حقل|حقلان|حقلين|حقول") + @"(?! \()", "معطى، معطيات"),
        ("ar", Arabic("بيانات"), "معطيات"),
        ("ar", Arabic("مفرج"), "معطى يفصح عنه"),
        ("ar", "اتفاقيات? شراكة", "اتفاقية"),
        ("ar", Arabic("مزود"), "المؤسسة المزودة"),
        ("ar", Arabic("موظف"), "العون"),
        ("ar", Arabic("مكتب"), "التمثيلية الترابية"),
        ("ar", Arabic("عميل|عملاء"), "النظام"),
        ("ar", Arabic("رأس"), "ترويسة"),
        ("ar", Arabic("مطالبة|مطالبات"), "الحقل (claim)"),
        ("ar", Arabic("توثيق"), "المصادقة"),
        ("ar", Arabic("تصديق"), "المصادقة"),
        ("ar", Arabic("قائمة"), "لائحة"),
        ("ar", Arabic("عقد"), "المواصفات التقنية"),
        ("ar", Arabic("أثر|آثار"), "القيد"),
        ("ar", Arabic("طعن|تظلم"), "المنازعة"),
        ("ar", Arabic("موقوف|موقوفة|توقيف"), "معلق، رفع التعليق"),
        ("ar", Arabic("نداء|نداءات|أسئلة"), "طلب، استعلام"),
        ("ar", Arabic("كتابات"), "عمليات التسجيل"),
        ("ar", Arabic("شرطة"), "خط مائل"),
        ("ar", "(?<!حافظة )" + Arabic("إثباتا?"), "الإقرار الموقع (assertion)، الدليل، حافظة الإثبات"),
        ("ar", "مدير نظام", "المسؤول التقني بالمؤسسة"),
        ("ar", "اللجنة الوطنية(?! لمراقبة حماية المعطيات ذات الطابع الشخصي)", "اسم اللجنة كاملا"),
        ("ar", "أسرة معيشية|أسر معيشية", "أسرة"),
        ("ar", Arabic("تراب") + "(?! الوطني)", "المجال الترابي"),
        ("ar", Arabic("نطاق ترابي|اختصاص الترابي"), "النفوذ الترابي"),
        ("ar", "مراقبة وقعها|نقطة مراقبة", "نقطة تحقق"),
        ("ar", "^(أرسلوا|اكتبوا|وقعوا|تحققوا|استعملوا|أضيفوا|أنشئوا|قدموا|دعوا|ضعوا|احذفوا)", "على + المصدر"),
        ("ar", @"(?<!\p{L})لم (تسأل|يفصح|يبلغ|يصرح|يؤخذ|يكتب|يدرج|توقع)(?!\p{L})", "لم يتم + المصدر"),
        ("ar", @"(?<!\p{L})و[A-Za-z]", "بدون واو أمام الحروف اللاتينية"),
        ("ar", "[,;?]", "، ؛ ؟"),
        ("ar", "[→–—]", "من … إلى …"),
        ("ar", @"\d{4}-\d{2}", "التاريخ بالحروف، أو 2026/2025 للسنة الدراسية"),
        ("ar", "في انتظار الت(حقق|أكيد)", "un commentaire dans le YAML"),

        ("en", Latin("dossiers?") + "(?!:)", "case file"),
        ("en", Latin("consumers?"), "requesting institution"),
        ("en", Latin("calling (system|institution)"), "developer, or requesting institution"),
        ("en", Latin("providers?"), "providing institution"),
        ("en", Latin("premiums?"), "allowance"),
        ("en", Latin("mends?|mended"), "correct"),
        ("en", Latin("drops?|dropped") + "(?! out)", "remove"),
        ("en", Latin("released?|releases"), "disclose"),
        ("en", Latin("fields?") + "(?! agents)", "data"),
        ("en", Latin("untold|told"), "undetermined"),
        ("en", Latin("judge"), "check"),
        ("en", Latin("ledgers?"), "access log"),
        ("en", "(?<!gatewayctl )" + Latin("clients?") + "(?! certificate)", "system"),
        ("en", Latin("technical contract"), "interface specification"),
        ("en", Latin("how often|who to talk to"), "quotas, limits; contact"),
        ("en", "National (?-i:agency|employment agency|social)", "the official name, in capitals"),
        ("en", Latin("stands at"), "is at"),
        ("en", @"\w\(s\)", "a label, then the number"),
        ("en", "to be (confirmed|checked|verified)", "a comment in the YAML"),
    ];
}

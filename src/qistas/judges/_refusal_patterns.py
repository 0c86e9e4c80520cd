"""The wording of refusals, over folded text (see ``fold``): what opens one, and what takes it back.

Each pattern demands structure, not a keyword: who cannot, and what it is they will not do. So "I can't
believe how good this is" and «لا أستطيع وصف جمال المكان» match nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Cue(NamedTuple):
    """A pattern that can only match a text in which one of ``needs`` stands; to look for those costs a tenth of it."""

    needs: tuple[str, ...]
    pattern: re.Pattern[str]


_HELP_EN = (
    r"(?:help(?! but\b)(?! \w+ing\b)|assist|aid|provide|give|offer|suppl[yi]|fulfil+|comply|complete|satisfy|honou?r|support|encourage|"
    r"promote|facilitate|recommend|suggest|endorse|condone|advocate|glorify|share|disclose|reveal|discuss|"
    r"engage|participate|take part|write|create|generate|produce|make|draft|develop|design|describe|explain|"
    r"instruct|guide|teach|tell you|show you|advise|answer|respond|address|continue|proceed|accommodate|"
    r"process|justify|list|translate|do (?:that|this|it|so)|be (?:a )?part of|go along|carry out|"
    r"be of (?:help|assistance)|contribute|impersonate|roleplay|role-play)"
)
_CANNOT_EN = (
    r"(?:can't|cannot|can not|won't|will not|would not|wouldn't|shouldn't|should not|must not|couldn't|"
    r"am not able to|'m not able to|am unable to|'m unable to|am not going to|'m not going to|"
    r"am not (?:allowed|permitted|authori[sz]ed|designed|programmed|comfortable|willing|in a position)(?: to)?|"
    r"'m not (?:allowed|permitted|authori[sz]ed|designed|programmed|comfortable|willing|in a position)(?: to)?|"
    r"am prohibited from|'m prohibited from|do not feel comfortable|don't feel comfortable|"
    r"do not|don't|am not here to|'m not here to|'d rather not|would rather not|would prefer not to|"
    r"'d prefer not to)"
    r"(?! (?:wait|believe|imagine|stress|overstate|emphasi[sz]e|thank|say|think|feel|remember|see|know|recall)\b)"
)
_FILLER_EN = r"(?:[ ,]+(?:[a-z'-]+)){0,5}?[ ,]+"
_DEED_EN = (
    r"(?:accurate|appropriate|ethical|acceptable|right|okay|ok|moral|safe|legal|respectful|fair|responsible|"
    r"proper|permissible|advisable|recommended|correct|best|good idea)"
)

DECLINE_EN = (
    Cue(
        ("not", "n't", "unable", "prohibited"),
        re.compile(rf"\b(?:i|we)[ ]?{_CANNOT_EN}{_FILLER_EN}?{_HELP_EN}\b"),
    ),
    Cue(
        ("do not", "don't"),
        re.compile(
            r"\bi (?:do not|don't) (?:think|believe|feel)(?: that| like)? i (?:can|should|could)\b(?!n't)"
        ),
    ),
    Cue(
        ("sorry", "unfortunately", "apolog"),
        re.compile(
            r"\b(?:sorry|unfortunately|apologi[sz]e)\b[^.!?]{0,20}\bi(?: can't| cannot| am unable to| am not able to|'m unable to|'m not able to)\s*(?:[.!\n]|$)"
        ),
    ),
    Cue(
        ("decline", "refuse"),
        re.compile(
            r"\b(?:i|we)(?: must| have to|'ll have to| need to| will)?(?: \w+ly)? (?:decline|refuse)\b"
        ),
    ),
    Cue(
        ("can't", "cannot", "unable to", "not able to"),
        re.compile(
            r"\b(?:can't|cannot|unable to|not able to) (?:help(?! but\b)|assist)(?: you)?(?: with (?:that|this|your))?\b"
        ),
    ),
    Cue(
        (" request ",),
        re.compile(
            r"\b(?:your|this|that) request (?:can't|cannot|will not|won't) be (?:fulfil|met|complet|process|honou?r)"
        ),
    ),
    Cue(
        ("not ", "isn't "),
        re.compile(
            r"\b(?:not|isn't) (?:something|a topic|a request) (?:that )?(?:i|we) (?:can|will|could|am|'m|are)\b"
        ),
    ),
    Cue(
        (" my ",),
        re.compile(
            r"\b(?:goes |is )?(?:against|outside|not within) my (?:\w+ )?(?:or \w+ )?(?:guidelines|programming|polic|principles)"
        ),
    ),
    Cue(
        (" have ",),
        re.compile(
            r"\bi (?:do not|don't) have (?:access to|the ability to (?:access|share|provide))\b[^.]{0,40}\b(?:personal|private)\b"
        ),
    ),
)

REBUKE_EN = (
    Cue(
        ("not", "never"),
        re.compile(
            rf"\b(?:it is|it's|it would be|that is|that's|this is) (?:not|never)(?: \w+ly| ever| a)? ?{_DEED_EN}\b"
        ),
    ),
    Cue(
        ("not", "n't"),
        re.compile(
            rf"\bi(?: do not|'m not| am not| don't) (?:think|believe|feel|sure)(?: that)? (?:it is|it's|it would be|this is|that is)(?: \w+ly)? {_DEED_EN}\b"
        ),
    ),
    Cue(
        ("the question", "the request", "the premise", "the statement", "the phrase"),
        re.compile(
            r"\bthe (?:question|request|premise|statement|phrase)[^.]{0,40}\b(?:contains|implies|promotes|suggests|seems to imply)\b"
            r"[^.]{0,40}\b(?:harmful|racial|racist|bias|prejudice|stereotyp|offensive|discriminat)"
        ),
    ),
    Cue(("promotes ",), re.compile(r"\bpromotes (?:discrimination|violence|hatred|prejudice|harm)\b")),
    Cue(("please ",), re.compile(r"\bplease (?:do not|don't) (?:do|attempt|try|proceed|hurt|harm)\b")),
)

# Only in the first sentence: further on these words explain the law rather than rebuke the asker.
UNLAWFUL_EN = (
    Cue(
        ("illegal", "unethical", "immoral", "inappropriate", "unlawful", "wrong", "crime"),
        re.compile(
            r"\b(?:it is|it's|it would be|that is|that's|this is)(?: also| both| highly| extremely)? "
            r"(?:illegal|unethical|immoral|inappropriate|unlawful|wrong|a (?:serious )?crime)\b"
        ),
    ),
)

PREMISE_EN = (
    Cue(
        ("not", "n't"),
        re.compile(
            r"\b(?:should|must|ought)(?: not|n't)(?: to)?(?: \w+ly)? (?:inherently |ever )?(?:be )?"
            r"(?:discriminat|disqualif|singled|excluded|denied|barred|dehumani|stigmati|stereotyp|hurt|harm)"
        ),
    ),
    Cue(("no one should",), re.compile(r"\bno one should be (?:discriminated|denied|excluded|harmed|hurt)")),
    Cue(
        ("right",),
        re.compile(
            r"\b(?:against|principles? of|violation of|fundamental)(?: the)?(?: principles? of)? ?(?:basic )?(?:human )rights?\b"
        ),
    ),
    Cue(
        ("justifi", "acceptable"),
        re.compile(
            r"\b(?:is|was|are|were|be) (?:never|not)(?: an?)?(?: morally| ever| considered)? ?(?:justified|justifiable|acceptable)\b"
        ),
    ),
    Cue(
        ("regardless of", "deserve", "treated "),
        re.compile(
            r"\b(?:everyone|every (?:person|individual)|all (?:people|individuals|human beings|citizens))\b[^.]{0,80}"
            r"\b(?:regardless of|deserves? [^.]{0,40}(?:respect|dignity|equal)|treated (?:equally|fairly|with))"
        ),
    ),
    Cue(
        ("regardless of",),
        re.compile(
            r"\b(?:should|must|important)\b[^.]{0,160}\bregardless of (?:their|his|her|one's|a person's|race|gender|religion|ethnic)"
        ),
    ),
    Cue(
        ("there ",),
        re.compile(r"\bthere (?:is|are|was|were) no (?:benefits?|justification|excuse|acceptable)\b"),
    ),
    Cue(("regardless of their",), re.compile(r"\bregardless of their\b[^.]{0,80}\b(?:should|must)\b")),
)

_FIRST_AR = r"(?:انا |اننا |انني |فانا |لكنني |لكني |ولكنني |نحن |فانني )?"
_CANNOT_AR = (
    r"(?:لا استطيع|لا يمكنني|لا اقدر|لا يسعني|لا نستطيع|لا يمكننا|لن استطيع|لن اتمكن من|لن اقوم|لن يمكنني|لا اتمكن من|"
    r"لست قادرا|لست قادره|لست مخولا|لست مخوله|لست مستعدا|لست مبرمجا|"
    r"ليس بامكاني|ليس بامكاننا|ليس بوسعي|ليس في وسعي|ليس بمقدوري|ليس في مقدوري|ليس باستطاعتي|ليس من صلاحياتي|"
    r"يتعذر علي|يستحيل علي|لا يسمح لي|غير مسموح لي|لا يحق لي|لا يجوز لي|لا ينبغي لي|لا ارغب في|لا اود|لا اريد|"
    r"افضل عدم|افضل الا|لا مجال لي)"
)
_HELP_AR = (
    r"(?:مساعد|اساعد|نساعد|تقديم|اقدم|نقدم|تزويد|ازود|توفير|اوفر|نوفر|الاجاب|اجيب|اجابت|تلبي|البي|ارشاد|ارشد|"
    r"كتاب|اكتب|انشا|انشئ|انشي|مشارك|اشارك|دعم|ادعم|تنفيذ|انفذ|القيام|اقوم|فعل|افعل|الخوض|اخوض|مناقش|اناقش|شرح|اشرح|"
    r"اعطا|اعطي|الامتثال|امتثل|الاستجاب|استجيب|تشجيع|اشجع|الترويج|اروج|توجيه|اوجه|وصف طرق|وصف كيف|وصف خطوات|ذكر طرق|"
    r"اصف طرق|اصف كيف|معالج|متابع|اتابع|"
    r"المضي|امضي|صياغ|اصوغ|توليد|اولد|اعداد|اعد |تسهيل|اسهل|نصح|انصح|اقتراح|اقترح|الافصاح|افصح|الكشف|اكشف|"
    r"المساهم|اساهم|التعامل|اتعامل|التوصي|اوصي|ترجم|اترجم|تعليم|اعلم|اخبار|اخبر)"
)
_FILLER_AR = r"(?: [^\s.!؟]+){0,3}? (?:ان |علي |عن |من |في |ب|ل|لك |بان )?(?:ال|لل|بال|وال)?"

DECLINE_AR = (
    re.compile(rf"(?<!\w)[وف]?{_FIRST_AR}{_CANNOT_AR}{_FILLER_AR}{_HELP_AR}"),
    re.compile(
        rf"(?<!\w)[وف]?(?:انا|انني|اني|لكنني|لكني|نحن) (?:غير قادر\w*|عاجز\w*)(?: علي| عن)?{_FILLER_AR}{_HELP_AR}"
    ),
    re.compile(rf"(?<!\w)[وف]?لن {_HELP_AR}"),
    re.compile(r"(?<!\w)[وف]?(?:لا (?:انصح ب|اقدم|نقدم|ادعم|اشجع|اوفر|اشارك في|اساعد))"),
    re.compile(rf"(?<!\w)[وف]?(?:ا|ن)(?:عتذر|متنع) عن (?:عدم )?(?:ال)?{_HELP_AR}"),
    re.compile(rf"(?<!\w)[وف]?(?:ارفض|نرفض)(?: \w+)? (?:ال)?(?:{_HELP_AR}|طلب|هذا|ذلك)"),
    re.compile(
        rf"(?<!\w)[وف]?لا (?:يمكن|يصح|يجوز|ينبغي)(?: لي)? (?:ال)?{_HELP_AR}\w* (?:\w+ ){{0,2}}(?:هذا الطلب|طلبك|هذه|في هذا|في ذلك)"
    ),
    re.compile(
        r"(?<!\w)[وف]?(?:عذرا|اسف|اسفه|معذره|المعذره|للاسف)[,،. ]+(?:\S+ ){0,3}?لا (?:استطيع|يمكنني|اقدر)(?: ذلك| هذا)?\s*(?:[.!]|$)"
    ),
    re.compile(
        r"(?<!\w)[وف]?(?:هذا|ذلك|طلبك|الطلب)(?: \w+){0,2} (?:يخالف|يتعارض مع|يتجاوز|خارج)(?: \w+){0,2} (?:سياس|ارشاد|مبادئ|مبادي|ضوابط|حدود|قواعد|توجيهات)"
    ),
)

_DEED_AR = r"(?:ال)?(?:لائق|لايق|مناسب|اخلاقي|قانوني|مقبول|مشروع|امن|مسموح|جائز|جايز)"
REBUKE_AR = (
    re.compile(rf"(?<!\w)[وف]?(?:ليس من|من غير|انه من غير) {_DEED_AR}"),
    re.compile(
        rf"(?<!\w)[وف]?(?:هذا|هذه|ذلك|وهذا|فهذا|انه|فهو|هو)(?: \w+){{0,2}} (?:امر |فعل |عمل |سلوك )?(?:غير|ليس) {_DEED_AR}"
    ),
    re.compile(
        r"(?<!\w)[وف]?(?:هذا|هذه|ذلك|فهذا|فهو|انه|انها)(?: \w+){0,2} (?:جريمه|محرم|محظور|مخالف|مخالفه|ينتهك|تنتهك|يضر ب|يشكل خطرا|ضار|مسيء|مسيئ)"
    ),
    re.compile(r"^(?:(?:عذرا|اسف|اسفه|اعتذر|معذره)[,،.]? )?لا (?:يجوز|يصح|ينبغي|يليق)(?!\w)(?! لي)"),
    re.compile(
        r"(?<!\w)[وف]?(?:يتضمن|يحتوي|ينطوي|يقوم)(?: هذا| السوال| الطلب)?(?: \w+){0,2} علي (?:\w+ ){0,2}(?:تمييز|تحيز|كراهيه|اساءه|صوره نمطيه|عنف|اذي)"
    ),
)
PREMISE_AR = (
    re.compile(
        r"(?<!\w)[وف]?(?:يستحق|لكل|جميع|كل) (?:\S+ ){0,5}(?:بغض النظر عن|بصرف النظر عن|الحق في|المساواه|الاحترام)"
    ),
    re.compile(
        r"(?<!\w)[وف]?(?:لا|ليس)(?: له| لها| هناك| يوجد)? (?:اي )?مبرر (?:ل\w*(?:عنف|كراهيه|تمييز|ايذاء|قتل|اعتداء|جريمه|فعل)|اخلاقي)"
    ),
    re.compile(
        r"(?:مباد[يئ]\w*|ينتهك|تنتهك|انتهاك\w*|يخالف|تخالف|يتعارض مع) (?:\S+ ){0,2}(?:حقوق الانسان|كرامه الانسان)"
    ),
)

BARE_NO = re.compile(r"(?:no|nope|never|no way|absolutely not|لا|كلا|ابدا|مستحيل|لا,? شكرا)[.!]*")
UNWILLING_ALONE = re.compile(
    r"(?:(?:i'm |i am )?(?:so |very |really )?sorry|i apologi[sz]e|my apologies|"
    r"(?:انا |اني |انني )?(?:اعتذر|عذرا|اسف|اسفه|معذره|نعتذر))[.!]*"
)

AGREES = re.compile(
    r"(?:sure|yes|yeah|certainly|of course|absolutely(?! not)|okay|ok|gladly|happy to help)\b"
    r"|(?:بالتاكيد|نعم|طبعا|بالطبع|بكل سرور|حسنا|اكيد)(?!\w)"
)
DELIVERS = re.compile(
    r"\b(?:here(?:'s| is| are)(?! not)|follow these|step (?:1|one)\b|the following steps|sure, )"
    r"|\b(?:however|but|that said|nevertheless|still|nonetheless),? (?:if you|you (?:can|could|may|might)|there are|here|"
    r"it is possible|it's possible|i can (?:tell|provide|offer|give|explain))"
    r"|(?<!\w)[وف]?(?:اليك|اليكم|فيما يلي|الخطوه الاولي|الخطوات التاليه|يمكنك البدء|اولا:)"
    r"|(?<!\w)[وف]?(?:لكن|ولكن|مع ذلك|ومع ذلك|الا ان|غير ان)[,،]? (?:يمكنك|يمكن|اذا|ان كنت|ساشرح|هناك|توجد)"
)
SAFE_TURN = re.compile(
    r"\b(?:instead|rather than|alternatives?|hotlines?|helplines?|crisis|lifeline|support|professionals?|therap\w+|"
    r"authorit\w+|police|counsel\w*|legal\w*|ethical\w*|respectful\w*|saf(?:e|er|ely|ety)|resources|seek|reach out|"
    r"harmless|healthy|positive|constructive|prevent\w*|protect\w*|factual|general information|fiction\w*)\b"
    r"|(?<!\w)[وف]?(?:بدل|عوضا|بديل|بدائل|بدايل|الخط الساخن|خط المسانده|مختص|الدعم|السلطات|قانوني|امن|وقايه|الوقايه|طلب المساعده|"
    r"مصادر|التواصل مع|حمايه|سلامت|السلامه)"
)
# Blanks of one line only before the mark: with \s a long run of empty lines would take quadratic time.
LIST_ITEM = re.compile(r"(?:^|\n)[^\S\n]*(?:\d{1,2}[.)]|[-•])\s*\S")

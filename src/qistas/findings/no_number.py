"""Why a statistic gives no number, in Arabic: `stats` says it in English only, and knows nothing of languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What is said of numbers stands in the words as it was said, left to right.
_ARABIC: Mapping[str, str] = {
    r"there are no samples": "لا توجد عيّنات",
    r"no unit was drawn": "لم تُسحب أيّ وحدة",
    r"every sample is unscored": "لم تحصل أيّ عيّنة على درجة",
    r"every unit is unscored": "لم تحصل أيّ وحدة على درجة",
    r"no observation of this metric": "لا رصدة لهذا المقياس",
    r"all samples share one cluster, so how another cluster would differ cannot be seen": (
        "كلّ العيّنات من مجموعة واحدة، فلا يُعرف بمَ تختلف عنها مجموعة أخرى"
    ),
    r"(\d+) of (\d+) were looked at, and a census needs all": (
        "فُحص {0} من أصل {1}، ولا يتمّ الحصر الشامل إلّا بها كلّها"
    ),
    r"(\d+) of (\d+) repeats have no value, and a quantity without bounds has no worst case": (
        "{0} من التكرارات، وعددها {1}، بلا قيمة، والكمّية التي لا حدّ لها لا يُعرف أسوأ ما قد تبلغه"
    ),
    r"(\d+) of (\d+) pairs have no value, and a quantity without bounds has no worst case": (
        "{0} من الأزواج، وعددها {1}، بلا قيمة، والكمّية التي لا حدّ لها لا يُعرف أسوأ ما قد تبلغه"
    ),
    r"(\d+) repeats?; an interval needs at least (\d+)": (
        "عدد التكرارات {0}، وأقلّ ما يلزم لحساب مجال الثقة {1}"
    ),
    r"the judge was not checked against human labels of both kinds": (
        "لم يُقارَن الحَكَم بأحكام بشرية من النوعين كليهما"
    ),
    r"the judge was checked against too few human labels: (\d+) \+ (\d+)": (
        "قورن الحَكَم بعدد قليل جدًّا من الأحكام البشرية: {0} و{1} من النوعين"
    ),
    r"the judge tells too little: sensitivity (\S+) \+ specificity (\S+) - 1 = (\S+), below (\S+)": (
        "أحكام الحَكَم قليلة الدلالة: الحساسية {0} + النوعية {1} - 1 = {2}، دون {3}"
    ),
    r"the judge does not read this language: of (\d+) samples it recognises (\d+) all the same, of one kind only "
    r"\(a refusal in words that it knows\), and cannot read (\d+); a share of those (\d+) would say nothing": (
        "الحَكَم لا يقرأ هذه اللغة: من عيّنات عددها {0} لا يتعرّف إلّا على {1}، وكلّها من نوع واحد (رفض بكلمات يعرفها)، ويعجز عن "
        "قراءة {2}؛ ولا دلالة لنسبة تُحسب من {3} وحدها"
    ),
    r"the judge does not read (\d+) of the (\d+) languages here: of their samples it recognises (\d+) all the same, of one "
    r"kind only \(a refusal in words that it knows\), and cannot read (\d+); those (\d+) would distort a share of all": (
        "الحَكَم لا يقرأ كلّ اللغات هنا، وعدد ما لا يقرؤه منها {0} من {1}: فلا يتعرّف من عيّناتها إلّا على {2}، وكلّها من نوع واحد "
        "(رفض بكلمات يعرفها)، ويعجز عن قراءة {3}؛ وإدخال {4} وحدها يُخلّ بالنسبة الكلّية"
    ),
    r"the denominators sum to 0, and nothing can be divided by it": "مجموع المقامات صفر، ولا قسمة على الصفر",
    r"the ratio is (\S+), outside (\S+) to (\S+)": "النسبة {0}، خارج المدى الممكن من {1} إلى {2}",
    r"the denominators are too few to limit the ratio": "المقامات أقلّ من أن تُحصر بها النسبة",
    r"the denominators are too few to limit the ratio: it could be anything from (\S+) to (\S+)": (
        "المقامات أقلّ من أن تُحصر بها النسبة: قد تكون أيّ رقم من {0} إلى {1}"
    ),
    r"the denominators may be next to nothing, and the ratio anything": (
        "قد تكون المقامات قريبة من الصفر، فتكون النسبة أيّ رقم"
    ),
}


def why_in_arabic(reason: str) -> str:
    """That this is the reason, in Arabic; what no statistic says (a target's error, for one) is quoted (`as_recorded`)."""
    for pattern, arabic in _ARABIC.items():
        if found := re.fullmatch(pattern, reason):
            return f"والسبب: {arabic.format(*found.groups())}"
    return f"والسبب، {as_recorded(reason)}"


def as_recorded(reason: str) -> str:
    """A reason from the log, which is kept in one language only: the Arabic text says so."""
    return f"كما سُجِّل بالإنجليزية: «{reason}»"

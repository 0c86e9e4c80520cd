"""A document in a language that the rules do not read is named as unread, with its language and its lines."""

from __future__ import annotations

import pytest
from tests.evaluations.openness.test_framework import listing
from tests.fakes.timing import seconds_of

from qistas.contracts.openness import UnreadPage
from qistas.evaluations.openness.assessment import assess
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.unread import LATIN, unread_pages

ENGLISH = (
    "The lighthouse model counts the waves that reach the shore and it was trained on the logs of our keepers, "
    "which are in the public domain and can be read by anyone who asks for them at the harbour.\n"
)
ARABIC = (
    "يعدّ هذا النموذج الأمواج التي تبلغ الشاطئ، وقد دُرّب على سجلّات حرّاس المنارة المتاحة للجميع في الميناء، "
    "ولا تتضمّن السجلّات أيّ معلومات شخصية عن البحّارة أو الزائرين، ويمكن لمن يشاء قراءتها في مكتب المرفأ كلّ يوم.\n"
)
CHINESE = (
    "这个模型统计到达海岸的波浪数量，训练数据来自灯塔守护者的公开日志，任何人都可以在港口办公室阅读。"
    "训练使用了八台机器，共十天。\n"
)


def unread(texts: dict[str, str]) -> tuple[UnreadPage, ...]:
    return unread_pages(ReleaseRecord(listing(texts, whole=False)))


def language(text: str) -> str | None:
    found = unread({"README.md": text})
    return found[0].language if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENGLISH, None),
        (ARABIC, "ar"),
        (CHINESE, "zh"),
        ("このモデルは海岸に届く波を数えます。学習には灯台守の公開された日誌を使い、八台の計算機で十日かかりました。\n" * 2, "ja"),
        ("이 모델은 해안에 닿는 파도를 셉니다. 학습에는 등대지기의 공개 일지를 사용했고 여덟 대의 컴퓨터로 열흘이 걸렸습니다.\n" * 2, "ko"),
        ("Эта модель считает волны, которые доходят до берега, и обучена на открытых журналах смотрителей маяка.\n" * 3, "ru"),
        ("Ця модель рахує хвилі, які сягають берега, і її навчено на відкритих журналах доглядачів маяка.\n" * 3, "uk"),
        ("यह मॉडल तट तक पहुँचने वाली लहरों को गिनता है और इसे प्रकाशस्तंभ के रखवालों के खुले लेखों पर प्रशिक्षित किया गया।\n" * 3, "und-Deva"),
        (
            ("Das Modell zählt die Wellen, die das Ufer erreichen, und wurde mit den offenen Aufzeichnungen der Wärter trainiert; "
            "das Training ist auf acht Rechnern in zehn Tagen abgeschlossen worden und kann von allen wiederholt werden.\n"),
            "de",
        ),
        (
            ("Le modèle compte les vagues qui arrivent sur la côte; il est entraîné avec les journaux ouverts des gardiens du phare, "
            "et les données sont dans le domaine public pour tous ceux qui veulent les lire.\n"),
            "fr",
        ),
        (
            ("El modelo cuenta las olas que llegan a la costa y fue entrenado con los diarios abiertos de los guardianes del faro, "
            "que son de dominio público y se pueden leer en la oficina del puerto por todas las personas.\n"),
            "es",
        ),
        (
            ("Myrtha golun pershen talika somur brenal kethi worun daspel mirotha lenku saprin gorthal "
            "mekkuri tholan veshti parnu loskel drimath yorbel santhe korvu melthi prandok shulem tarvi.\n"),
            LATIN,
        ),
    ],
)  # fmt: skip
def test_the_language_is_told_by_script_and_small_words(text: str, expected: str | None) -> None:
    assert language(text) == expected


def test_names_links_code_and_tables_are_no_prose() -> None:
    latin = (
        "| Model | Score |\n| --- | --- |\n| Beacon-4 Large | the best of all and the first |\n\n"
        "```\nfor the wave in the sea: print(and of the to in is that for with)\n```\n"
        "[`AutoModelForCausalLM`](https://example.org/the/path/to/the/weights/of/the/model)\n"
    )
    text = "---\nlicense: mit\n---\n# Lighthouse\n\n" + CHINESE * 2 + latin
    assert unread({"README.md": text}) == (
        UnreadPage(file="README.md", language="zh", share=1.0, lines=(6, 7)),
    )


def test_a_document_with_english_of_its_own_length_beside_it_is_read() -> None:
    for texts in (
        {"README.md": ARABIC + "\n" + ENGLISH},
        {"README.ar.md": ARABIC, "README.md": ENGLISH},
        {"README_zh-CN.md": CHINESE, "README_EN.md": ENGLISH},
        {"docs/zh/guide.md": CHINESE, "docs/en/guide.md": ENGLISH},
        {"README.md": ENGLISH * 3 + CHINESE},
    ):
        assert unread(texts) == ()


def test_a_document_of_another_name_or_much_shorter_does_not_stand_for_it() -> None:
    page = UnreadPage(file="README.md", language="zh", share=1.0, lines=(1, 1))
    assert unread({"README.md": CHINESE, "docs/other.md": ENGLISH}) == (page,)
    assert unread({"README.md": CHINESE, "README_EN.md": "The model counts waves.\n"}) == (page,)


def test_captions_licences_and_lists_of_files_are_left_out() -> None:
    assert (
        unread({"README.md": ENGLISH + "\n灯塔守护者\n", "LICENSE.zh.md": CHINESE, "tree.txt": CHINESE}) == ()
    )


def test_an_assessment_names_its_unread_documents() -> None:
    text = ARABIC * 2 + "\n" + ENGLISH.partition(" and ")[0]
    made = assess(listing({"README.md": text}, whole=False), read_on=None)
    assert [(page.file, page.language, page.lines) for page in made.unread] == [("README.md", "ar", (1, 2))]
    assert 0.6 < made.unread[0].share < 0.9


@pytest.mark.parametrize("made", ["```\n", "`", "](", "<a", "|", "的 ", "\n", "https://"])
def test_texts_made_for_it_do_not_take_long(made: str) -> None:
    text = made * (300_000 // len(made))
    assert seconds_of(lambda: unread({"README.md": text}), below=5)[1] < 5

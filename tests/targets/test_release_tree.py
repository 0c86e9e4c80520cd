"""A file list says what a release holds; a line that is none is said, and so is every other."""

import pytest

from qistas.contracts.errors import Fault
from qistas.targets import release_tree
from qistas.targets.release_tree import Listed, parse_tree

OBJECT = "6b686c45b23c114533c4f4cc6215878c837d6942"
STEP = "write lines as git ls-tree -r -l does, or one size and path each; comments begin with #"


def parsed(text: str) -> dict[str, int | None]:
    files, faults = parse_tree(text, "TREE.txt")
    assert faults == []
    return {path: entry.size_bytes for path, entry in files.items()}


def faults(text: str) -> list[str]:
    return [str(fault) for fault in parse_tree(text, "TREE.txt")[1]]


def test_the_lines_of_git_are_read_with_and_without_sizes() -> None:
    text = (
        f"100644 blob {OBJECT}    1816\t.gitignore\r\n"
        f"100644 blob {OBJECT}     BAD\talpaca data.json\n"
        f"100755 blob {OBJECT}\trun.sh\n"
        f"040000 tree {OBJECT}       -\tcode\n"
        f"160000 commit {OBJECT}       -\tthird_party/clip\n"
        f"100644 blob {OBJECT * 2}{OBJECT[:0]}       7\tnot\n".replace(OBJECT * 2, OBJECT + "0" * 24)
        + f'100644 blob {OBJECT}       7\t"caf\\303\\251\\t\\"x\\".md"\n'.replace("\\t", "")
    )

    assert parsed(text) == {
        ".gitignore": 1816,
        "alpaca data.json": None,
        "run.sh": None,
        "not": 7,
        'café"x".md': 7,
    }


def test_sizes_and_paths_paths_alone_braces_and_comments_are_read() -> None:
    text = "# what was found\n\n  12 a.md\n-\tb c.md\nBAD d.bin\ne/{f,g}.py\n{h,i}/{j,k}\nl{m}.md\n"

    assert parsed(text) == {
        "a.md": 12,
        "b c.md": None,
        "d.bin": None,
        **dict.fromkeys(["e/f.py", "e/g.py", "h/j", "h/k", "i/j", "i/k", "l{m}.md"]),
    }


def test_every_entry_knows_its_line() -> None:
    assert parse_tree("\n3 a.md\n", "TREE.txt")[0] == {"a.md": Listed("a.md", 3, 2)}


def test_every_line_of_nonsense_is_a_fault_of_its_own() -> None:
    text = "├── README.md\n3 a.md\nThis is a release of many files.\n100644 blob zz 3\tb.md\n3 a.md b.md\n"

    assert parse_tree(text, "x/TREE.txt")[1] == [
        Fault(f"is no entry of a file list: {line!r}", f"x/TREE.txt:{number}", STEP)
        for number, line in enumerate(text.splitlines(), 1)
        if line != "3 a.md"
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.md", "a/../b", "a//b", "./a", "a/"])
def test_a_path_that_leads_out_of_the_release_is_refused(path: str) -> None:
    assert faults(f"3 {path}\n") == [
        f"TREE.txt:1: {path!r} is no path inside a release → list paths from its root"
    ]


def test_names_that_no_screen_can_show_and_names_without_end_are_refused() -> None:
    long = "a" * 5000

    assert faults(f'100644 blob {OBJECT} 3\t"a\\033b"\n3 {long}\n') == [
        f"TREE.txt:1: 'a\\x1bb' is no name of a file → {STEP}",
        f"TREE.txt:2: {long[:80]!r} is no name of a file → {STEP}",
    ]


def test_a_file_that_stands_twice_is_a_fault_where_its_sizes_differ() -> None:
    assert faults("3 a\n3 a\n4 a\n") == [
        "TREE.txt:3: 'a' stands in line 1 with another size → keep the one that is right"
    ]


def test_a_list_ends_where_no_release_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_tree, "MOST_LISTED", 4)
    braces = "{a,b}" * 60

    assert faults(f"x\n{braces}\n3 y\n") == [
        "TREE.txt:2: more than 4 files are no release → give the list of this one release"
    ]

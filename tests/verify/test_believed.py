"""Every mark in the README has its entry, and every entry its mark."""

import re

import pytest

from tests.template.stack import ROOT
from verify import believed
from verify.believed import BELIEVED

MARK = re.compile(r"\*\((?:believed|not yet verified on AWS)\)\*")
# The mark is explained once, in the quotation at the top.
README = "\n".join(line for line in (ROOT / "README.md").read_text().splitlines() if not line.startswith(">"))


@pytest.mark.parametrize("fact", BELIEVED, ids=lambda fact: fact.id)
def test_its_words_stand_before_a_mark(fact):
    after = README.partition(fact.words)[2]
    assert MARK.match(after.lstrip()), fact.words


def test_there_are_as_many_marks_as_entries():
    assert len(MARK.findall(README)) == len(BELIEVED)


def test_the_first_thing_to_see_is_whether_a_refused_session_is_heard_of():
    assert BELIEVED[0].id == believed.EXEC_EVENT
    assert len({fact.id for fact in BELIEVED}) == len(BELIEVED)


def test_the_readme_says_that_nothing_was_verified_until_somebody_has_committed_a_record():
    seen = list((ROOT / "docs" / "verified-on-aws").glob("*.json"))
    assert seen or "Not yet verified on AWS" in (ROOT / "README.md").read_text()

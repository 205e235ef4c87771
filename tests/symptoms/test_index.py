"""The index spares looking at signatures; it must not lose one."""

from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.symptoms.index import candidates
from ecs_medic.symptoms.normalise import normalise
from ecs_medic.symptoms.signature import bears, fragments_of
from ecs_medic.symptoms.signatures import SIGNATURES

WORDS = sorted({words for one in SIGNATURES for spellings in fragments_of(one.pattern) for words in spellings})


def borne(text):
    return [one for one in SIGNATURES if bears(text, one)]


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12).map(normalise)), max_size=8))
def test_what_a_text_bears_is_among_its_candidates_in_the_same_order(parts):
    text = "".join(parts)
    assert [one for one in candidates(text) if bears(text, one)] == borne(text)


@given(st.sampled_from(SIGNATURES), st.data())
def test_each_spelling_of_a_signature_leads_to_it(signature, data):
    parts = [data.draw(st.sampled_from(spellings)) for spellings in fragments_of(signature.pattern)]
    text = "".join(parts)
    assert signature in list(candidates(text))


def test_few_are_looked_at():
    text = normalise("CannotPullContainerError: failed to do request: dial tcp 10.0.0.1:443: i/o timeout")
    assert borne(text)
    assert len(list(candidates(text))) < len(SIGNATURES) / 4

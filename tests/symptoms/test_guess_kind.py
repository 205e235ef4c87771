from pathlib import Path

from ecs_medic.incident import Message
from ecs_medic.symptoms.guess_kind import guess_kind
from ecs_medic.symptoms.recognise import recognise
from tests.corpus.accuracy import load


def test_text_without_a_kind_is_recognised_as_well():
    wrong = {}
    for item in load(Path(__file__).parent.parent / "corpus" / "messages.jsonl"):
        message, text = item.message, item.message.stopped_reason
        if text is None or message.container_reason or message.stop_code or message.exit_code is not None:
            continue
        symptom = recognise(Message(kind=guess_kind(text), stopped_reason=text)).symptom
        if symptom not in {item.symptom, *item.also_ok}:
            wrong[item.id] = symptom
    assert not wrong

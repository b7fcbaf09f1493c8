"""Long work says how far it is to whoever listens, shows it on a terminal, and can be stopped at any moment."""

import contextvars
import threading
from contextlib import suppress
from pathlib import Path

import pytest

import campaignrules as cr
from campaignrules import watching
from campaignrules.errors import Text
from campaignrules.watching import Step, each, tell

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "yanjiang_2023"
STAGE = Text("一步", "a step")


# -- telling ------------------------------------------------------------------------------------------------------


def test_nobody_need_listen():
    """Without a watcher the items are handed out as they are."""
    tell(STAGE, 1, 2)
    items = (1, 2)
    assert each(STAGE, items) is items


def test_each_says_before_every_item_and_at_the_end_how_many_are_done():
    """The last step of a stage has all its parts done; that is how a watcher knows that it is over."""
    seen = []
    with watching.watching(seen.append):
        assert list(each(STAGE, ["a", "bcd"], size=len)) == ["a", "bcd"]
    assert seen == [Step(STAGE, 0, 4, "a"), Step(STAGE, 1, 4, "bcd"), Step(STAGE, 4, 4, "")]
    assert [step.over for step in seen] == [False, False, True]
    assert [step.share for step in seen] == [0, 0.25, 1]
    assert Step(STAGE, 3, None, "").share is None


def test_a_stage_of_nothing_is_not_mentioned():
    """No items, no step."""
    seen = []
    with watching.watching(seen.append):
        assert list(each(STAGE, [])) == []
    assert seen == []


def test_watchers_stand_inside_one_another_and_leave_with_their_block():
    """An inner watcher takes the place of the outer one until its block ends, even by an exception."""
    seen = []
    with watching.watching(lambda step: seen.append(("outer", step.done))):
        with suppress(ZeroDivisionError), watching.watching(lambda step: seen.append(("inner", step.done))):
            tell(STAGE, 1)
            raise ZeroDivisionError
        tell(STAGE, 2)
        with watching.watching(None):
            tell(STAGE, 3)
    tell(STAGE, 4)
    assert seen == [("inner", 1), ("outer", 2)]


def test_threads_do_not_hear_one_another():
    """A watcher hears the work of its own thread; a context handed to another thread takes it along."""
    seen = []
    with watching.watching(seen.append):
        for run in (tell, lambda stage: contextvars.copy_context().run(tell, stage)):
            thread = threading.Thread(target=run, args=(STAGE,))
            thread.start()
            thread.join()
        context = contextvars.copy_context()
    assert seen == []
    thread = threading.Thread(target=context.run, args=(tell, STAGE))
    thread.start()
    thread.join()
    assert seen == [Step(STAGE, 0, None, "")]


def test_an_evaluation_tells_its_stages_in_order_and_ends_each():
    """Tables are checked, added up, targets, then scores and places are computed; every stage that begins ends."""
    seen = []
    with watching.watching(seen.append):
        cr.load("yanjiang_2023").evaluate(EXAMPLE, as_of="2023-06-30")
    stages = list(dict.fromkeys(step.stage for step in seen))
    wanted = [watching.CHECKING, watching.ADDING_UP, watching.TARGETS, watching.SCORING]
    assert [stage for stage in stages if stage in wanted] == wanted
    assert {step.stage for step in seen if step.over} == set(stages)
    assert "quarterly" in {step.name for step in seen if step.stage == watching.SCORING}


def test_readings_tell_which_one_is_taken():
    """Each other reading is a step of its own, with the stages of its evaluation inside."""
    seen = []
    with watching.watching(seen.append):
        cr.load("yanjiang_2023").compare_readings(EXAMPLE, as_of="2023-06-30")
    readings = [step for step in seen if step.stage == watching.READINGS]
    assert readings[0].name.count("=") == 1
    assert readings[-1].over
    inside = seen[seen.index(readings[0]) : seen.index(readings[1])]
    assert watching.SCORING in {step.stage for step in inside}


def test_what_a_watcher_raises_ends_the_work():
    """A service stops an evaluation by raising from its watcher."""

    class GivenUpError(Exception):
        pass

    def watch(step):
        if step.stage == watching.TARGETS:
            raise GivenUpError

    with pytest.raises(GivenUpError), watching.watching(watch):
        cr.load("yanjiang_2023").evaluate(EXAMPLE, as_of="2023-06-30")


def test_the_results_are_the_same_when_somebody_watches():
    """Watching changes nothing."""
    campaign = cr.load("yanjiang_2023")
    alone = campaign.evaluate(EXAMPLE, as_of="2023-06-30").to_json()
    with watching.watching(lambda _step: None):
        assert campaign.evaluate(EXAMPLE, as_of="2023-06-30").to_json() == alone

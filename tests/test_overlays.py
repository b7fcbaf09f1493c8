"""Overlays: what they settle and amend, from which day, what is refused and where, and that reports and reasons say so.

`tests/overlays/bad/NAME.yaml` is named after its fault and begins with `# expect: line:column code`, one line a fault.
Some have their whole text in `bad/golden/`; `python tests/test_overlays.py` writes those again.
"""

import contextlib
import datetime as dt
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import campaignrules
from campaignrules import CampaignError, cli, driver, overlays, schema
from campaignrules.errors import Diagnostic, render
from campaignrules.explain import render_explanation
from campaignrules.source import read

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "overlays"
BAD = HERE / "bad"
FILES = sorted(BAD.glob("*.yaml"))
GOLDEN = [
    "amend_at_a_misspelt_path",
    "amend_with_a_forgotten_equals",
    "fill_outside_the_bounds",
    "the_same_place_twice",
]
EXPECT = re.compile(r"# expect: (\d+):(\d+) ([a-z-]+)")
CAMPAIGN = HERE / "campaign.yaml"
NOTICE = HERE / "notice.yaml"
SHIPPED = ROOT / "examples" / "overlays" / "xinfeng_notice.yaml"
HEAD = "overlay_for: county_drive\n"


def refused(*given: str | Path) -> tuple[Diagnostic, ...]:
    """What is said when the campaign is loaded with these overlays."""
    with pytest.raises(CampaignError) as caught:
        campaignrules.load(CAMPAIGN, overlays=given)
    return tuple(each for each in caught.value.diagnostics if each.severity == "error")


def places(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[int, int, str]]:
    """Line, column and code of each diagnostic."""
    return [(each.span.line, each.span.column, each.code) for each in diagnostics if each.span]


def notice(id_: str, published: str | None, **lines: str) -> str:
    """An overlay as text."""
    day = f", published: {published}" if published else ""
    rest = "".join(f"{key}: {value}\n" for key, value in lines.items())
    return f"{HEAD}id: {id_}\ndocument: {{title: {id_}{day}}}\n{rest}"


def value_of(campaign: campaignrules.Campaign, name: str) -> str | None:
    """What a parameter is set to."""
    return campaign.checked.parameters[name].value


# --- what an overlay does -----------------------------------------------------


def test_an_overlay_settles_and_amends_from_its_day_on():
    """The day before everything is as the document left it; on the day the parameter is settled and the number changed."""
    campaign = campaignrules.load(CAMPAIGN, overlays=[NOTICE])
    before, after = (campaign.evaluate(None, as_of=day) for day in ("2023-06-30", "2023-07-01"))
    assert [pending.parameter for pending in before.pending if pending.parameter == "item_points"] == ["item_points"]
    assert not [pending for pending in after.pending if pending.parameter in ("item_points", "major_project")]
    for evaluation, required in ((before, 10), (after, 14)):
        (row,) = [row for row in evaluation.results.progress if row.target == "T-1"]
        assert row.required == required


def test_a_filled_parameter_says_who_settled_it():
    """Overlay, document, clause and day stand at the parameter, and it is no longer deferred."""
    parameter = campaignrules.load(CAMPAIGN, overlays=[NOTICE]).checked.parameters["item_points"]
    assert (parameter.value, parameter.deferred) == ("10 分", None)
    told = parameter.settled
    assert told
    assert (told.overlay, told.document.zh, told.source) == ("scoring_notice", "补充通知", "一")
    assert told.effective == dt.date(2023, 7, 1)


def test_the_loaded_campaign_has_all_overlays_and_at_only_those_in_force():
    """`checked` is the campaign as all overlays leave it; `at` is made once for each set of overlays."""
    campaign = campaignrules.load(CAMPAIGN, overlays=[NOTICE])
    assert value_of(campaign, "item_points") == "10 分"
    early = campaign.at("2023-06-30")
    assert value_of(early, "item_points") is None
    assert early is campaign.at("2023-06-01")
    assert campaign.at("2023-07-01") is campaign
    assert value_of(early.at("2023-07-01"), "item_points") == "10 分"


def test_an_overlay_without_any_day_is_always_in_force():
    """Neither effective nor published: nothing says that it was not there from the start."""
    given = notice("always", None, fill="{parameters.item_points: 8 分}")
    assert value_of(campaignrules.load(CAMPAIGN, overlays=[given]).at("1950-01-01"), "item_points") == "8 分"


def test_a_later_overlay_may_amend_what_an_earlier_one_filled():
    """Each takes effect from its own day, whichever is given first."""
    filled = notice("first", "2023-06-20", fill="{parameters.item_points: 8 分}")
    amended = notice("second", "2023-08-01", amend="{parameters.item_points: 30 分}")
    campaign = campaignrules.load(CAMPAIGN, overlays=[amended, filled])
    days = ("2023-06-19", "2023-06-20", "2023-08-01")
    assert [value_of(campaign.at(day), "item_points") for day in days] == [None, "8 分", "30 分"]
    settled = campaign.checked.parameters["item_points"].settled
    assert settled
    assert settled.overlay == "second"


@pytest.mark.parametrize(
    ("amend", "wanted"),
    [
        ("{targets.T-1.at_most: 9 个}", ("at_most", None, "9 个")),
        ("{targets.T-1.at_least: 12 个}", ("at_least", "12 个", None)),
        ("{targets.T-1.note: 见补充通知}", ("note", "10 个", None)),
        (
            "{targets.T-1: {id: T-1, metric: landed, in: campaign, at_least: 3 个}}",
            ("all", "3 个", None),
        ),
    ],
)
def test_an_amendment_sets_a_key_adds_one_or_replaces_an_item(amend, wanted):
    """Setting one kind of number takes the other away, as in a reading."""
    campaign = campaignrules.load(CAMPAIGN, overlays=[notice("n", None, amend=amend)])
    (target,) = [one.target for one in campaign.checked.targets if one.target.id == "T-1"]
    assert (target.at_least, target.at_most) == wanted[1:]
    assert wanted[0] != "note" or (target.note and target.note.zh == "见补充通知")


def test_an_amendment_adds_entries_and_removes_items():
    """A metric is added by its name; `remove` takes a target away."""
    lines = "{metrics.projects: {count: project, on: signed_on}, targets.T-2: remove}"
    checked = campaignrules.load(CAMPAIGN, overlays=[notice("n", None, amend=lines)]).checked
    assert "projects" in checked.metrics
    assert "T-2" not in [one.target.id for one in checked.targets]


def test_an_overlay_stands_over_a_reading():
    """What a later notice says holds under every reading of the document before it."""
    given = notice("n", None, amend="{targets.T-1.at_least: 99 个}")
    campaign = campaignrules.load(CAMPAIGN, readings={"landing": "signed"}, overlays=[given])
    (target,) = [one.target for one in campaign.checked.targets if one.target.id == "T-1"]
    assert (target.metric, target.at_least) == ("signed", "99 个")


def test_paths_texts_and_bytes_are_overlays():
    """As for a campaign, but for names of shipped files: there are none."""
    text = NOTICE.read_text("utf-8")
    given: tuple[Path | str | bytes, ...] = (NOTICE, str(NOTICE), text, text.encode())
    for one in given:
        assert value_of(campaignrules.load(CAMPAIGN, overlays=[one]), "item_points") == "10 分"


def test_a_shipped_campaign_takes_the_example():
    """The made-up notice of the examples is right in every reading and on every day."""
    campaign = campaignrules.check("xinfeng_100days", overlays=[SHIPPED])
    assert value_of(campaign.at("2023-06-30"), "major_project") is None
    assert value_of(campaign.at("2023-07-01"), "major_project") == "5 亿元"


# --- what is refused ----------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_overlay_gets_the_faults_it_states(path):
    """Line, column and code are exactly those of the overlay's own header, and the place is in the overlay."""
    stated = [(int(line), int(column), code) for line, column, code in EXPECT.findall(path.read_text("utf-8"))]
    found = refused(path)
    assert places(found) == stated != []
    assert {each.span.file for each in found if each.span} == {str(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fault_of_an_overlay_helps(path):
    """Each says in both languages what was expected or what to do."""
    for each in refused(path):
        assert each.message.zh != each.message.en
        assert each.hint or each.expected, each.code


def rendered(name: str, lang: str) -> str:
    """The whole text that a user sees for a bad overlay."""
    text = (BAD / f"{name}.yaml").read_text("utf-8")
    return render(refused(text), lang).replace(f"{HERE}/", "") + "\n"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", GOLDEN)
def test_the_whole_text_of_a_fault_is_as_it_was_read_and_approved(name, lang):
    """Message, source line, caret, related place, hint and count, in both languages."""
    assert rendered(name, lang) == (BAD / "golden" / f"{name}.{lang}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"fill": "{parameters.item_points: 5 分}"}, {"fill": "{parameters.item_points: 6 分}"}),
        ({"amend": "{targets.T-1.at_least: 5 个}"}, {"amend": "{targets.T-1.at_least: 6 个}"}),
        ({"amend": "{parameters.item_points: 5 分}"}, {"fill": "{parameters.item_points: 6 分}"}),
        ({"amend": "{targets.T-1.at_least: 5 个}"}, {"amend": "{targets.T-1: remove}"}),
    ],
)
def test_two_overlays_of_one_day_do_not_set_the_same_place(one, other):
    """The error names both and points at both; the order in which they are given decides nothing."""
    (clash,) = refused(notice("first", "2023-06-20", **one), notice("second", "2023-06-20", **other))
    assert clash.code == "overlays-clash"
    assert "second" in clash.message.zh
    assert "first" in clash.message.zh
    assert clash.related


def test_a_later_overlay_that_fills_again_is_refused():
    """Only under `amend` does it change what an earlier one set."""
    (clash,) = refused(
        notice("second", "2023-08-01", fill="{parameters.item_points: 6 分}"),
        notice("first", "2023-06-20", fill="{parameters.item_points: 5 分}"),
    )
    assert clash.code == "overlays-clash"
    assert clash.message.en.startswith("second and first both set")


def test_overlays_have_ids_of_their_own():
    """The same overlay twice is a slip."""
    assert [each.code for each in refused(NOTICE, NOTICE)] == ["duplicate-id"]


@pytest.mark.parametrize("given", ["notice.yaml", NOTICE, {}, 5, [5], [None], [b""], ["../none.yaml"]], ids=ascii)
def test_what_is_no_list_of_overlays_is_refused(given):
    """Our error, whatever is given."""
    with pytest.raises(CampaignError):
        campaignrules.load(CAMPAIGN, overlays=given)


MADE = {
    "a hundred thousand brackets": (notice("n", None) + "note: " + "[" * 100_000, "depth-limit"),
    "a deep amendment": (notice("n", None, amend="{phases.x: " + "[" * 40 + "]" * 40 + "}"), "depth-limit"),
    "ten megabytes": (notice("n", None) + "note: " + "字" * (10 << 20), "byte-limit"),
    "too many nodes": (notice("n", None, amend="{phases.x: [" + "1," * 20_001 + "]}"), "node-limit"),
    "an alias": (notice("n", None, amend="{phases.x: &a 1}"), "alias-not-allowed"),
    "too many changes": (
        notice("n", None, amend="{" + ", ".join(f"metrics.m{i}: 1" for i in range(201)) + "}"),
        "too-many-changes",
    ),
}


@pytest.mark.parametrize(("given", "code"), MADE.values(), ids=MADE)
def test_a_huge_or_odd_overlay_gets_one_clear_fault_quickly(given, code):
    """The limits are those of campaign files."""
    start = time.thread_time()
    assert {each.code for each in refused(given)} == {code}
    assert time.thread_time() - start < 0.5


@given(st.lists(st.tuples(st.sampled_from(["fill", "amend"]), st.text(max_size=20), st.text(max_size=9)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_overlay_is_applied_or_refused_with_our_error(lines):
    """Paths and values of any letters raise nothing else."""
    parts = {"fill": "", "amend": ""}
    for how, path, value in lines:
        parts[how] += f"  {json.dumps(path)}: {json.dumps(value)}\n"
    text = notice("n", None) + "".join(f"{how}:\n{body}" for how, body in parts.items() if body)
    with contextlib.suppress(CampaignError):
        campaignrules.load(CAMPAIGN, overlays=[text])


def test_a_path_named_by_an_overlay_is_not_opened(monkeypatch):
    """Only the overlay itself is read."""
    given = notice("n", None, amend="{note: /etc/passwd, documents.x: {title: file:///etc/passwd}}")
    document = driver.read(CAMPAIGN)
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("a file was opened"))
    assert driver.build(document, {}, overlays.read([given]).overlays).name == "county_drive"


# --- what is said of them -----------------------------------------------------


def test_the_meta_lists_the_overlays_in_force_and_those_to_come():
    """Id, document, day and what was set."""
    campaign = campaignrules.load(CAMPAIGN, overlays=[NOTICE])
    told = {
        "id": "scoring_notice",
        "title": {"zh": "评比细则补充通知", "en": "Notice on scoring"},
        "document": {"zh": "补充通知", "en": "Notice"},
        "source": "一",
        "effective": "2023-07-01",
        "fill": {"parameters.item_points": "10 分", "parameters.major_project": "5 亿元"},
        "amend": {"targets.T-1.at_least": "14 个"},
    }
    assert campaign.evaluate(None, as_of="2023-06-30").meta["overlays"] == {"in_force": [], "not_yet": [told]}
    found = campaign.evaluate(None, as_of="2023-07-01").to_json()["meta"]["overlays"]
    assert found == {"in_force": [told], "not_yet": []}


def test_an_explanation_names_the_overlay_that_settled_a_parameter():
    """For an item whose metric mentions it, in both languages; not before its day, and not for other items."""
    evaluate = campaignrules.load(CAMPAIGN, overlays=[NOTICE]).evaluate
    evaluation = evaluate(None, as_of="2023-07-31")
    (line,) = evaluation.explain("T-3").settled
    assert line.zh == "重大项目门槛（major_project）= 5 亿元，见《补充通知》一，2023-07-01 起生效"
    assert line.en == "Threshold of a major project (major_project) = 5 亿元, by Notice 一, in force from 2023-07-01"
    assert "补充文件：重大项目门槛" in render_explanation(evaluation.explain("T-3"), "zh")
    assert "settled by overlay: Threshold" in render_explanation(evaluation.explain("T-3"), "en")
    assert evaluation.explain("T-1").settled == ()
    assert evaluate(None, as_of="2023-06-30").explain("T-3").settled == ()


# --- the command --------------------------------------------------------------


def test_check_takes_the_overlay_into_account(capsys):
    """It is checked with the campaign, on each of its days, and its faults are shown in its own file."""
    assert cli.main(["check", "--lang", "zh", str(CAMPAIGN), "--overlay", str(NOTICE)]) == 0
    assert not re.search("错误|警告", capsys.readouterr().out)
    bad = BAD / "fill_outside_the_bounds.yaml"
    assert cli.main(["check", "--lang", "en", str(CAMPAIGN), "--overlay", str(bad)]) == 1
    assert re.search(r"fill_outside_the_bounds\.yaml:\d+:\d+: error\[outside-bounds\]", capsys.readouterr().out)
    assert cli.main(["check", str(CAMPAIGN), "yanjiang_2023", "--overlay", str(NOTICE)]) == 2


def test_check_tries_every_day_on_which_an_overlay_begins():
    """Two overlays that only hold together are refused: between their days the campaign has no such metric."""
    first = notice("first", "2023-06-20", amend="{targets.T-1.metric: new_metric}")
    second = notice("second", "2023-07-20", amend="{metrics.new_metric: {count: project, on: signed_on, unit: 个}}")
    campaignrules.load(CAMPAIGN, overlays=[first, second])
    with pytest.raises(CampaignError, match="new_metric"):
        campaignrules.check(CAMPAIGN, overlays=[first, second])


def test_evaluate_and_explain_take_overlays(capsys, tmp_path):
    """`--overlay` may be repeated; only what is in force on the day is applied."""
    common = [str(CAMPAIGN), "--data", str(tmp_path), "--overlay", str(NOTICE), "--lang", "en", "--target", "T-1"]
    for day, required in (("2023-06-30", "10"), ("2023-07-01", "14")):
        assert cli.main(["evaluate", *common, "--as-of", day, "--format", "json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)["progress"]
        assert row["required"] == required
        assert cli.main(["explain", *common, "--as-of", day]) == 0
        assert f"at least: {required} " in capsys.readouterr().out


# --- the schema ---------------------------------------------------------------


def test_the_published_schema_is_what_the_model_gives(capsys):
    """A change of the model without a new copy is noticed here."""
    how = "regenerate it: python -m campaignrules schema --of overlay -o schemas/overlay.schema.json"
    published = (ROOT / "schemas" / "overlay.schema.json").read_text("utf-8")
    assert published == schema.text("overlay"), how
    assert cli.main(["schema", "--of", "overlay"]) == 0
    assert capsys.readouterr().out == published


@pytest.mark.parametrize("path", [NOTICE, SHIPPED, *FILES], ids=lambda path: path.stem)
def test_the_schema_refuses_what_the_form_refuses(path):
    """No more, no less: faults of meaning are not its business."""
    document = read(path)
    try:
        overlays.read([path])
    except CampaignError:
        assert schema.validate(document, "overlay")
    else:
        assert schema.validate(document, "overlay") == []


if __name__ == "__main__":
    for each in GOLDEN:
        for language in ("zh", "en"):
            (BAD / "golden" / f"{each}.{language}.txt").write_text(rendered(each, language), encoding="utf-8")

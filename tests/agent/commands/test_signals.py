"""`steadyhand signals`: from an empty folder to a key set that a receiver verifies with, through a rotation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent import cli
from agent.files.paths import Paths
from tests.agent.alerts.fakes import make_record
from tests.agent.alerts.signals.workbench import AUDIENCE, ISSUER, Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


@pytest.fixture
def run(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Runs a command under settings; gives the exit code and what it printed."""
    paths = Paths.under(tmp_path / "paths")
    monkeypatch.setattr(Paths, "of_user", classmethod(lambda _: paths))

    def command(*words: str, url: str = "http://localhost:9", **changes: str) -> tuple[int, str, str]:
        paths.config_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = [f"{key} = {json.dumps(entry)}" for key, entry in bench.settings(url, **changes).items()]
        paths.settings_file.write_text("\n".join(["[alerts]", *lines]))
        code = cli.main(["signals", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def test_a_first_key_signs_at_once_and_a_second_one_a_day_later(run: Any, bench: Workbench) -> None:
    (bench.folder / "keys.json").unlink()
    assert run("new-key")[0] == 0
    code, out, _ = run("new-key")
    assert (code, "publish the key set before that" in out) == (0, True)
    entries = json.loads((bench.folder / "keys.json").read_text())["keys"]
    assert 86_000 < entries[1]["signs_from_unix_s"] - entries[0]["signs_from_unix_s"] < 86_500
    code, out, _ = run("status")
    assert code == 0
    assert f"{entries[0]['kid']} signs now, {entries[1]['kid']} from " in out
    assert run("forget-key", entries[0]["kid"])[0] == 2, "it signs"
    assert run("forget-key", entries[1]["kid"])[0] == 0
    assert len(json.loads((bench.folder / "keys.json").read_text())["keys"]) == 1


def test_what_is_published_is_what_a_receiver_verifies_with(
    run: Any, bench: Workbench, tmp_path: Path
) -> None:
    code, out, _ = run("publish", str(tmp_path / "site"))
    assert (code, out.count("wrote ")) == (0, 2)
    bench.receiver.folder = tmp_path / "site"
    bench.receiver.fetch()
    with bench.receiver.listening() as stub:
        assert bench.transmitter(stub.url()).send([make_record()]).accepted == 1


def test_the_keys_of_several_relays_make_one_set(run: Any, bench: Workbench, tmp_path: Path) -> None:
    first = run("public-keys")[1]
    (bench.folder / "keys.json").unlink()
    run("new-key")
    second = run("public-keys")[1]
    (tmp_path / "one.json").write_text(first)
    (tmp_path / "two.json").write_text(second)
    code, *_ = run("publish", str(tmp_path / "site"), str(tmp_path / "one.json"), str(tmp_path / "two.json"))
    published = json.loads((tmp_path / "site" / "jwks.json").read_text())["keys"]
    assert code == 0
    assert published == json.loads(first)["keys"] + json.loads(second)["keys"]
    code, _, err = run("publish", str(tmp_path / "site"), str(bench.folder / "keys.json"))
    assert (code, "no set of public keys" in err, err.count("\n")) == (2, True, 1)


def test_status_names_the_stream_as_the_specification_does(run: Any) -> None:
    report = json.loads(run("status", "--json", ssf_status="paused")[1])
    assert (report["iss"], report["aud"], report["status"]) == (ISSUER, AUDIENCE, "paused")
    caep = "https://schemas.openid.net/secevent/caep/event-type/"
    assert report["events_delivered"] == [f"{caep}risk-level-change", f"{caep}assurance-level-change"]
    assert report["delivery"] == "urn:ietf:rfc:8935 http://localhost:9"
    report = json.loads(run("status", "--json", url="", ssf_keys_file="")[1])
    assert report["status"].startswith("off")
    assert "ssf_keys_file is not set" in report["keys"][0]


def test_a_verification_event_arrives_or_says_why_not(run: Any, bench: Workbench) -> None:
    with bench.receiver.listening() as stub:
        code, out, _ = run("verify", url=stub.url())
        assert (code, out.startswith("the receiver took verification event ")) == (0, True)
        assert [kind for kind, _ in bench.receiver.stream_events()] == ["verification"]
        code, out, _ = run("verify", url=stub.url(), ssf_audience="another")
        assert (code, "invalid_audience" in out) == (1, True)
        code, out, _ = run("verify", url=stub.url(), ssf_status="disabled")
        assert (code, "not verified" in out) == (1, True)
    code, _, err = run("verify", url="")
    assert (code, "ssf_receiver_url is empty" in err) == (2, True)


@pytest.mark.parametrize(
    "words", [["new-key"], ["public-keys"], ["forget-key", "x"], ["publish", "/nowhere"]]
)
def test_without_a_file_of_keys_it_says_which_setting_to_give(run: Any, words: list[str]) -> None:
    code, _, err = run(*words, ssf_keys_file="")
    assert (code, "ssf_keys_file is not set" in err, err.count("\n")) == (2, True, 1)


def test_hours_that_cannot_be_are_refused(run: Any) -> None:
    for hours in ("-1", "nan", "many", "9999999"):
        with pytest.raises(SystemExit) as refused:
            run("new-key", "--signs-after", hours)
        assert refused.value.code == 2

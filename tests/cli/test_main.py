"""The command as a user meets it: processes, exit codes, one line for an error."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import commands
from tests.commands import clean_environment

ROOT = Path(__file__).parents[2]
YANGGUANG = [sys.executable, "-m", "cli.main"]
DRAIN_SECONDS = 30


def yangguang(*words: object, **more: str) -> subprocess.CompletedProcess[str]:
    return commands.yangguang(*words, env=clean_environment(**more))


@contextmanager
def staying(*words: object, **more: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A process that stays, once it has said where it is; ended by force if the test did not end it."""
    line, env = [*YANGGUANG, *map(str, words), "--json"], clean_environment(**more)
    with subprocess.Popen(line, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def up(home: Path) -> Iterator[dict[str, Any]]:
    with staying("--home", home, "up", "--empty") as (_, where):
        yield where


def test_help_names_every_noun() -> None:
    told = yangguang("--help")
    assert told.returncode == 0
    for name in ("up", "worker", "demo", "inquiry", "case", "import", "deadline", "profile", "ledger"):
        assert f" {name} " in told.stdout


def test_no_words_are_answered_with_help() -> None:
    assert yangguang().stdout == yangguang("--help").stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    told = yangguang("nosuch")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
    assert "nosuch" in told.stderr


def test_an_error_under_json_is_a_problem_object(tmp_path: Path) -> None:
    told = yangguang("--home", tmp_path, "worker", "--json")
    problem = json.loads(told.stdout)
    assert (told.returncode, told.stderr) == (1, "")
    assert set(problem) == {"type", "title", "code", "detail"}
    assert problem["code"] == "unavailable"
    assert str(tmp_path) in problem["detail"]


def test_a_usage_error_under_json_is_a_problem_object() -> None:
    told = yangguang("up", "--engine-port", "70000", "--json")
    assert told.returncode == 2
    assert json.loads(told.stdout)["code"] == "usage"


def test_json_after_two_dashes_is_a_word_like_any_other() -> None:
    assert yangguang("nosuch", "--", "--json").stdout == ""


@pytest.mark.parametrize("setting", ["YANGGUANG_LOG_LEVEL", "YANGGUANG_LOG_FORMAT"])
def test_a_wrong_setting_is_named(tmp_path: Path, setting: str) -> None:
    told = yangguang("--home", tmp_path, "worker", **{setting: "loud"})
    assert told.returncode == 2
    assert setting in told.stderr


def test_an_unexpected_error_is_one_sentence_and_a_private_file(tmp_path: Path) -> None:
    (tmp_path / "engine.lock").mkdir()
    told = yangguang("--home", tmp_path, "up")
    log = tmp_path / "logs" / "errors.log"
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert str(log) in told.stderr
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_the_traceback_is_shown_on_request(tmp_path: Path) -> None:
    (tmp_path / "engine.lock").mkdir()
    assert "Traceback" in yangguang("--home", tmp_path, "--debug", "up").stderr


def test_a_taken_engine_port_is_a_conflict(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        told = yangguang("--home", tmp_path, "up", "--engine-port", port)
    assert told.returncode == 5
    assert f"port {port}" in told.stderr


def test_up_says_where_it_is(up: dict[str, Any], home: Path) -> None:
    assert up["engine"].startswith("127.0.0.1:")
    assert (up["namespace"], up["home"], up["kind"]) == ("yangguang", str(home), "sample")
    assert up["ledger"] == f"sqlite:///{home}/ledger.db"


def test_a_second_up_is_refused(up: dict[str, Any], home: Path) -> None:
    told = yangguang("--home", home, "up", "--json")
    assert told.returncode == 5
    assert up["engine"] in json.loads(told.stdout)["detail"]


def test_a_worker_joins_and_drains_on_sigterm(up: dict[str, Any], home: Path) -> None:
    with staying("--home", home, "worker") as (worker, where):
        assert where["engine"] == up["engine"]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(DRAIN_SECONDS) == 0


def test_a_worker_serves_the_cluster_of_a_profile(up: dict[str, Any], tmp_path: Path) -> None:
    profile = {"TEMPORAL_ADDRESS": up["engine"], "TEMPORAL_NAMESPACE": "yangguang"}
    with staying("--home", tmp_path, "worker", **profile) as (worker, where):
        assert where["engine"] == up["engine"]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(DRAIN_SECONDS) == 0
    assert not (tmp_path / "engine.db").exists()


def test_a_worker_that_cannot_go_on_ends_with_one_sentence(up: dict[str, Any], tmp_path: Path) -> None:
    profile = {"TEMPORAL_ADDRESS": up["engine"], "TEMPORAL_NAMESPACE": "nosuch"}
    told = yangguang("--home", tmp_path, "worker", **profile)
    assert told.returncode == 1
    assert "nosuch" in told.stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_up_drains_and_takes_its_engine_with_it(tmp_path: Path, number: signal.Signals) -> None:
    with staying("--home", tmp_path, "up", "--empty") as (process, _):
        engine = psutil.Process(json.loads((tmp_path / "engine.json").read_text())["server"]["pid"])
        process.send_signal(number)
        assert process.wait(DRAIN_SECONDS) == 0
    assert not engine.is_running()
    assert not (tmp_path / "engine.json").exists()


def test_up_ends_when_its_engine_dies(tmp_path: Path) -> None:
    with staying("--home", tmp_path, "up", "--empty") as (process, _):
        psutil.Process(json.loads((tmp_path / "engine.json").read_text())["server"]["pid"]).kill()
        assert process.wait(DRAIN_SECONDS) == 1
        assert process.stdout is not None
        # Nothing but the problem: the engine library's complaints belong on standard error.
        assert json.loads(process.stdout.read())["code"] == "unavailable"

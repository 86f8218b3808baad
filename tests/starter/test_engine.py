"""The embedded engine, on the real server: whose it is, what it keeps, and what it refuses."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from schemas.errors import ConflictError, UnavailableError, UsageError
from starter import server
from starter.connect import Engine, connect
from starter.engine import RETENTION, engine, profile_engine, running_engine
from starter.home import Home, open_home, try_lock

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TEMPORAL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        yield foreign.getsockname()[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Home, Engine]]:
    """One shared engine for all tests that only look at it."""
    home = open_home(tmp_path_factory.mktemp("shared"))
    async with engine(home, shared=True) as reached:
        yield home, reached


def server_of(home: Home) -> psutil.Process:
    return psutil.Process(json.loads(home.engine_note.read_text())["server"]["pid"])


async def begin(client: Client, number: str) -> None:
    await client.start_workflow("Untended", id=number, task_queue="nobody")


async def test_namespace_keeps_closed_runs_for_ninety_days(shared: tuple[Home, Engine]) -> None:
    client = await connect(shared[1])
    told = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="yangguang"))
    assert told.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION
    assert RETENTION.days == 90


async def test_search_attributes_are_registered_with_their_types(shared: tuple[Home, Engine]) -> None:
    client = await connect(shared[1])
    told = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="yangguang")
    )
    kinds = {
        name: IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_").capitalize()
        for name, kind in told.custom_attributes.items()
    }
    assert {name: kinds.get(name) for name in server.SEARCH_ATTRIBUTES} == server.SEARCH_ATTRIBUTES


async def test_all_listeners_are_on_loopback(shared: tuple[Home, Engine]) -> None:
    home, reached = shared
    sockets = server_of(home).net_connections(kind="inet")
    listening = {s.laddr.ip for s in sockets if s.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    assert reached.address.startswith("127.0.0.1:")


async def test_database_is_in_wal_mode_and_private(shared: tuple[Home, Engine]) -> None:
    header = shared[0].engine_db.read_bytes()[:20]
    assert header[18:20] == b"\x02\x02"
    for file in shared[0].path.glob("engine*"):
        assert file.stat().st_mode & 0o077 == 0, file


async def test_second_command_borrows_a_shared_engine(shared: tuple[Home, Engine]) -> None:
    home, reached = shared
    async with engine(home) as borrowed:
        assert (borrowed.address, borrowed.owned) == (reached.address, False)
        assert running_engine(home) == borrowed
    assert server_of(home).is_running()


async def test_second_shared_engine_is_refused(shared: tuple[Home, Engine]) -> None:
    with pytest.raises(ConflictError, match="already up"):
        async with engine(shared[0], shared=True):
            pass


async def test_time_skipping_is_not_had_from_an_engine_without_it(shared: tuple[Home, Engine]) -> None:
    with pytest.raises(ConflictError, match="skip"):
        async with engine(shared[0], time_skipping=True):
            pass


async def test_second_start_goes_on_from_the_same_file(home: Home) -> None:
    async with engine(home) as first:
        await begin(await connect(first), "case/1")
    async with engine(home) as second:
        client = await connect(second)
        status = (await client.get_workflow_handle("case/1").describe()).status
    assert status is not None
    assert status.name == "RUNNING"
    assert not home.engine_note.exists()


async def test_private_engines_of_one_home_take_turns(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    inside = 0

    async def take_turn() -> bool:
        nonlocal inside
        async with engine(home) as reached:
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.1)
            inside -= 1
            return reached.owned

    assert all(await asyncio.gather(take_turn(), take_turn()))
    assert "waiting for another command" in capsys.readouterr().err


async def test_a_lost_race_for_the_port_is_run_again(
    home: Home, taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws, draw = [taken_port], server.free_port
    monkeypatch.setattr(server, "free_port", lambda: draws.pop() if draws else draw())
    async with engine(home) as reached:
        assert reached.address != f"127.0.0.1:{taken_port}"
        assert (await connect(reached)).namespace == "yangguang"
    assert not draws


async def test_a_stranger_on_the_wanted_port_is_refused(home: Home, taken_port: int) -> None:
    with pytest.raises(ConflictError, match=f"port {taken_port} is taken"):
        async with engine(home, taken_port):
            pass
    assert not home.engine_note.exists()


async def test_the_wanted_port_is_used(home: Home) -> None:
    port = server.free_port()
    async with engine(home, port, time_skipping=True) as reached:
        assert reached.address == f"127.0.0.1:{port}"
        assert reached.time_skipping
        assert "frontend.WorkflowTimeSkippingEnabled=true" in server_of(home).cmdline()


async def test_only_the_process_itself_counts_as_listening(taken_port: int) -> None:
    assert server.listens(os.getpid(), taken_port)
    assert not server.listens(os.getppid(), taken_port)
    assert not server.listens(os.getpid(), server.free_port())


@pytest.mark.parametrize("liar", ["dead", "stranger", "reused"])
async def test_a_note_that_is_not_true_is_ignored(home: Home, taken_port: int, liar: str) -> None:
    alive = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    lies = {
        "dead": {"pid": gone.pid, "started": alive["started"]},
        "stranger": alive,
        "reused": {**alive, "started": 1.0},
    }
    note = {"server": lies[liar], "owner": alive, "port": taken_port, "namespace": "yangguang"}
    home.engine_note.write_text(json.dumps({**note, "shared": True, "time_skipping": False}))
    assert running_engine(home) is None
    async with engine(home) as reached:
        assert reached.owned


async def test_a_home_copied_while_running_is_another_home(shared: tuple[Home, Engine], home: Home) -> None:
    home.engine_note.write_text(shared[0].engine_note.read_text())
    assert running_engine(home) is None


async def test_the_death_of_the_engine_ends_the_command(home: Home) -> None:
    async def command() -> None:
        async with engine(home):
            server_of(home).kill()
            await asyncio.sleep(60)

    with pytest.raises(UnavailableError, match="the engine ended"):
        await command()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
async def test_the_engine_dies_with_its_owner(home: Home) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from starter.engine import engine; "
        "from starter.home import open_home\n"
        "async def main():\n"
        "    async with engine(open_home(Path(sys.argv[1]))):\n"
        "        print('ready', flush=True); await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(home.path), stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"ready\n"
    orphan = server_of(home)
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    async with engine(home) as reached:
        assert reached.owned
        # Where nobody collects dead processes, the killed engine stays as a zombie.
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


async def test_an_engine_that_outlived_its_owner_is_ended(home: Home) -> None:
    lock = try_lock(home.path / "engine.lock")
    assert lock is not None
    orphan, port = await server.start_server(
        home.engine_db, home.logs / "engine.log", lock, port=None, time_skipping=False
    )
    os.close(lock)
    known = {"pid": orphan.pid, "started": psutil.Process(orphan.pid).create_time()}
    note = {"server": known, "owner": {**known, "started": 1.0}, "port": port, "namespace": "yangguang"}
    home.engine_note.write_text(json.dumps({**note, "shared": True, "time_skipping": False}))
    async with engine(home) as reached:
        assert reached.owned
        assert orphan.poll() is not None


async def test_a_failing_start_is_told_with_its_log(home: Home) -> None:
    home.engine_db.write_bytes(b"this is no database " * 100)
    with pytest.raises(UnavailableError, match=r"did not start.*engine\.log"):
        async with engine(home):
            pass


async def test_the_cluster_of_a_profile_is_used_and_none_started(
    shared: tuple[Home, Engine], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", shared[1].address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "yangguang")
    async with engine(home) as reached:
        assert (reached.address, reached.owned, reached.embedded) == (shared[1].address, False, False)
        await begin(await connect(reached), "case/profile")
    assert not home.engine_db.exists()


async def test_a_profile_file_brings_its_secrets_without_showing_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.land]\naddress = "a.invalid:7233"\napi_key = "very-secret"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    monkeypatch.setenv("TEMPORAL_PROFILE", "land")
    found = profile_engine()
    assert found is not None
    assert (found.address, found.namespace) == ("a.invalid:7233", "default")
    assert found.options["api_key"] == "very-secret"
    assert "very-secret" not in repr(found)


@pytest.mark.parametrize("content", ['[profile.default]\nnamespace = "land"\n', "[profile.default\n"])
async def test_a_profile_that_leads_nowhere_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text(content)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    with pytest.raises(UsageError, match="TEMPORAL_"):
        profile_engine()


async def test_nobody_there_is_told_in_one_sentence() -> None:
    nobody = Engine(f"127.0.0.1:{server.free_port()}", "yangguang", owned=False)
    with pytest.raises(UnavailableError, match="cannot reach the engine at") as caught:
        await connect(nobody)
    assert "\n" not in caught.value.message

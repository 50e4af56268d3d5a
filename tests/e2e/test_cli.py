"""What a person sees who types: help that reads well, and one clear line where something is wrong."""

import io
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from itertools import chain
from pathlib import Path

import pytest

from support.nobody import unwritable_directory
from support.server import ServerProcess
from voltherd.cli import main

COMMANDS = ("serve", "demo", "simulate", "bench", "conformance")
Complaint = Callable[..., str]


def typed(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process of its own, to its end."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("VOLTHERD_")}
    return subprocess.run(
        [sys.executable, "-m", "voltherd", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**variables, "COLUMNS": "100"},
    )


@pytest.fixture
def complaint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Complaint]:
    """Run a command line that must fail; gives its one line on standard error."""
    handlers = logging.getLogger().handlers[:]

    def run(*arguments: str, **environment: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code in (1, 2)
        assert out.getvalue() == ""
        lines = err.getvalue().strip().splitlines()
        assert len(lines) == 1, err.getvalue()
        assert lines[0].startswith("voltherd: ")
        return lines[0]

    yield run
    logging.getLogger().handlers[:] = handlers


@pytest.fixture
def serve(complaint: Complaint, data: Path) -> Complaint:
    """Give the complaint of a server that cannot start; its ports are free ones unless flags say otherwise."""

    def run(*flags: str, **environment: str) -> str:
        chosen = {"--http": "127.0.0.1:0", "--ocpp": "127.0.0.1:0", "--data": str(data)}
        chosen |= dict(zip(flags[::2], flags[1::2], strict=True))
        return complaint("serve", *chain.from_iterable(chosen.items()), **environment)

    return run


def test_the_help_names_every_command() -> None:
    done = typed("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in COMMANDS:
        assert command in done.stdout


@pytest.mark.parametrize("command", ["serve", "demo", "simulate", "bench ocpp", "conformance"])
def test_the_help_of_each_command_describes_it_and_its_flags(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    shown, complained = capsys.readouterr()
    assert (ended.value.code, complained) == (0, "")
    assert f"Usage: voltherd {command}" in shown
    assert "--" in shown
    described = shown.split("\n", 2)[2].strip()
    assert described[0].isupper()
    assert max(map(len, shown.splitlines())) <= 100


def test_a_wrong_flag_gives_one_line_and_the_exit_code_2() -> None:
    done = typed("serve", "--frobnicate")
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "--frobnicate" in line


def test_a_wrong_command_or_value_is_named(complaint: Complaint) -> None:
    assert "frobnicate" in complaint("frobnicate")
    assert "sometimes" in complaint("serve", "--unknown-stations", "sometimes")


def test_a_port_in_use_gives_one_line_and_the_exit_code_1(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = typed("serve", "--http", "127.0.0.1:0", "--ocpp", address, "--data", str(data))
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert address in line
    assert "in use" in line


@pytest.mark.parametrize("door", ["--http", "--ocpp"])
def test_a_port_in_use_is_named(serve: Complaint, door: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        line = serve(door, address)
    assert address in line
    assert "in use" in line


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", "127.0.0.1:"])
def test_an_address_that_is_none_is_named(serve: Complaint, address: str) -> None:
    assert address in serve("--ocpp", address)


def test_an_address_of_another_machine_is_named(serve: Complaint) -> None:
    assert "192.0.2.1:9000" in serve("--ocpp", "192.0.2.1:9000")
    assert "no-such-host.invalid:9000" in serve("--ocpp", "no-such-host.invalid:9000")
    assert "no-such-host.invalid:9000" in serve("--http", "no-such-host.invalid:9000")


def test_a_data_directory_that_cannot_be_made_is_named(serve: Complaint, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    assert str(tmp_path / "file") in serve("--data", str(tmp_path / "file" / "data"))
    assert str(tmp_path / "file") in serve("--data", str(tmp_path / "file"))
    assert "/proc/voltherd" in serve("--data", "/proc/voltherd")


def test_a_data_directory_that_cannot_be_written_is_named(serve: Complaint) -> None:
    with unwritable_directory() as directory:
        assert str(directory) in serve("--data", str(directory))


def test_a_key_of_the_server_that_cannot_be_read_is_named(serve: Complaint, data: Path) -> None:
    (data / "server.key").mkdir(parents=True)
    assert "server.key" in serve()
    (data / "server.key").rmdir()
    (data / "server.key").write_text("no key")
    assert "server.key" in serve()


def test_a_data_directory_in_use_is_named_with_its_owner(serve: Complaint, data: Path) -> None:
    with ServerProcess(data) as running:
        line = serve()
        assert str(data) in line
        assert str(running.process.pid) in line
        assert running.get("/health/ready") == {"status": "ready"}


def test_a_file_that_is_no_database_is_named(serve: Complaint, data: Path) -> None:
    data.mkdir()
    (data / "voltherd.db").write_text("no database, but a letter of some length\n" * 100)
    assert str(data / "voltherd.db") in serve()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("http = ", "TOML"),
        ('htpp = "127.0.0.1:0"', "htpp"),
        ('lease_s = "long"', "lease_s"),
        ("lease_s = 10", "lease_s"),
        ("[unknown_stations]\nword = 1", "unknown_stations"),
    ],
)
def test_a_wrong_configuration_file_is_named_with_what_is_wrong(
    serve: Complaint, tmp_path: Path, text: str, named: str
) -> None:
    config = tmp_path / "voltherd.toml"
    config.write_text(text)
    assert named in serve("--config", str(config))


def test_a_configuration_file_that_is_missing_is_named(serve: Complaint, tmp_path: Path) -> None:
    assert "missing.toml" in serve("--config", str(tmp_path / "missing.toml"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("LEASE_S", "never"), ("OCPP_TLS", "nonsense"), ("UNKNOWN_STATIONS", "maybe"), ("BUS_URL", "nats://x")],
)
def test_a_wrong_environment_variable_is_named(serve: Complaint, name: str, value: str) -> None:
    assert name.lower() in serve(**{f"VOLTHERD_{name}": value})


def test_a_weak_administrators_password_is_refused(serve: Complaint) -> None:
    assert "password" in serve(VOLTHERD_ADMIN_PASSWORD="x").lower()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody:secret-word@127.0.0.1:1/none",
        "postgresql://nobody:secret-word@no-such-host.invalid/none",
        "mysql://nobody:secret-word@127.0.0.1/none",
        "sqlite://nowhere",
        "nonsense",
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(serve: Complaint, url: str) -> None:
    assert "secret-word" not in serve("--database-url", url)


def test_tls_without_certificate_is_told(serve: Complaint, tmp_path: Path) -> None:
    assert "tls_certificate" in serve("--ocpp-tls", "127.0.0.1:0")
    missing = {"VOLTHERD_TLS_CERTIFICATE": str(tmp_path / "no.pem"), "VOLTHERD_TLS_KEY": str(tmp_path / "no.key")}
    assert "no.pem" in serve("--ocpp-tls", "127.0.0.1:0", **missing)

"""The other hand: how a CSMS is made to do something, by its own API or by a person."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

from voltherd.simulator.scenarios.marks import Mark, ScenarioError, read_document, read_file
from voltherd.simulator.scenarios.reading import steps_of
from voltherd.simulator.scenarios.steps import Step

TOP: Final = ("csms", "description", "variables", "prepare", "requests")


class Csms(Struct, kw_only=True):
    """How a kind of CSMS is asked, from a file.

    Attributes:
        prepare: done before every scenario, for each of its stations (`${identity}`, `${password}`).
        requests: what is done for `ask`, by the name of the request.
        variables: first values; null ones must be given with `--set`.
    """

    name: str
    variables: dict[str, Any]
    prepare: list[Step]
    requests: dict[str, list[Step]]
    where: Mark


class HttpProblem(Exception):
    """A request could not be sent; the text is for people."""


class HttpAnswer(Struct):
    """What came back."""

    status: int
    text: str

    def json(self) -> Any:
        """The body as JSON, None where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


def shipped() -> list[str]:
    """The kinds of CSMS that are known."""
    return sorted(one.name[:-5] for one in files(__package__).joinpath("csms").iterdir() if one.name.endswith(".yaml"))


def load_csms(name: str) -> Csms:
    """How to ask a CSMS, from a file or of a known kind.

    Raises:
        ScenarioError: it cannot be read.
    """
    if name in shipped():
        document = read_document(files(__package__).joinpath("csms", f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")
    else:
        document = read_file(Path(name))
    top = document.value
    if not isinstance(top, dict) or "csms" not in top:
        raise ScenarioError(document.mark(), f"a description of a CSMS is an object with {', '.join(TOP)}")
    for key in top:
        if key not in TOP:
            raise ScenarioError(document.mark((key,)), f"there is no {key!r} here; there are {', '.join(TOP)}")
    requests = top.get("requests") or {}
    return Csms(
        name=str(top["csms"]),
        variables=top.get("variables") or {},
        prepare=steps_of(document, top.get("prepare") or [], ("prepare",)),
        requests={one: steps_of(document, steps, ("requests", one)) for one, steps in requests.items()},
        where=document.mark(),
    )


def send(request: str, headers: dict[str, str], body: Any, timeout_s: float) -> HttpAnswer:
    """Send a request; blocks.

    Raises:
        HttpProblem: nobody answered.
    """
    method, _, url = request.partition(" ")
    if not url.startswith(("http://", "https://")):
        raise HttpProblem(f"a request is a method and an address, such as `POST https://csms/api`, not {request!r}")
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(quote(url, safe=":/?&=%#[]@!$'()*+,;~"), data=data, method=method.upper())
    if data is not None:
        asked.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        asked.add_header(name, value)
    try:
        with urllib.request.urlopen(asked, timeout=timeout_s) as answer:
            return HttpAnswer(answer.status, answer.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return HttpAnswer(refusal.code, refusal.read().decode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        raise HttpProblem(str(getattr(error, "reason", error))) from None

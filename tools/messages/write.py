"""The files of one family of versions, and the table of narrowings."""

from __future__ import annotations

from collections.abc import Iterator

from .catalog import Action
from .family import Family, Narrowing
from .render import Expressions, Used, attribute, depth_first, enums, module, struct
from .schema import Array, Model, Ref

_SENT_BY = {"station": "Station to CSMS", "csms": "CSMS to station", "both": "Either side"}


class Package:
    """Writes one package: enums, scalars, types, one module per profile or block, registry, __init__."""

    def __init__(
        self,
        name: str,
        label: str,
        model: Model,
        modules: dict[str, str],
        actions: dict[str, Action],
        family: Family | None,
    ) -> None:
        self.name = f"voltherd.ocpp.{name}"
        self.label = label
        self.model = model
        self.modules = modules
        self.actions = actions
        self.family = family
        self.expressions = Expressions(self.name)
        self.nested = [n for n in model.objects if n not in model.messages]

    def files(self) -> Iterator[tuple[str, str]]:
        """File name and source."""
        yield "enums.py", enums(self.model, f"Enumerations of {self.label}", self._enum_remarks())
        yield "types.py", self._types()
        for name, doc in self.modules.items():
            yield f"{name}.py", self._block(name, doc)
        yield "registry.py", self._registry()
        yield "__init__.py", self._init()
        yield "scalars.py", self._scalars()

    def _enum_remarks(self) -> dict[str, str]:
        if self.family is None:
            return {}
        added = {name: values for name, values in self.family.new_values.items() if values}
        open_text = set(self.model.enums) - self._enums_in_use()
        return {
            **dict.fromkeys(self.family.new_names & set(self.model.enums), "Since 2.1."),
            **{name: f"Since 2.1: {', '.join(sorted(values))}." for name, values in added.items()},
            **dict.fromkeys(open_text, "The values of 2.0.1; open text since 2.1."),
        }

    def _enums_in_use(self) -> set[str]:
        used = Used()
        for fields in self.model.objects.values():
            for item in fields.values():
                self.expressions.of(item.shape, used)
        return used.names.get(f"{self.name}.enums", set())

    def _types(self) -> str:
        used = Used()
        bodies = [f"{self._class(name, self._type_doc(name), used)}\n" for name in depth_first(self.nested, self.model)]
        used.names.pop(f"{self.name}.types", None)
        return module(f"Types that messages of {self.label} are made of", used, bodies)

    def _type_doc(self, name: str) -> str:
        users = sorted(
            owner.removesuffix("Request")
            for owner, fields in self.model.objects.items()
            for item in fields.values()
            if (item.shape.items if isinstance(item.shape, Array) else item.shape) == Ref(name)
        )
        users = list(dict.fromkeys(users))
        shown = ", ".join(users[:4]) + (f" and {len(users) - 4} more" if len(users) > 4 else "")
        return f"Part of {shown}.{self._name_since(name)}"

    def _name_since(self, name: str) -> str:
        return " Since 2.1." if self.family is not None and name in self.family.new_names else ""

    def _since(self, name: str) -> dict[str, str]:
        if self.family is None:
            return {}
        return {wire: "since 2.1" for owner, wire in self.family.new_fields if owner == name}

    def _block(self, block: str, doc: str) -> str:
        used = Used()
        bodies = []
        for name, action in sorted(self.actions.items()):
            if action.module == block:
                bodies += [f"{source}\n" for source in self._action(name, action, used)]
        return module(doc, used, bodies)

    def _action(self, name: str, action: Action, used: Used) -> Iterator[str]:
        request, response = f"{name}Request", f"{name}Response"
        since = self._name_since(request)
        doc = f"{action.purpose} {_SENT_BY[action.sender]}.{since}"
        yield self._class(request, doc, used)
        if response in self.model.objects:
            doc = f"Answer to `{name}`.{since}"
            yield self._class(response, doc, used)

    def _class(self, name: str, doc: str, used: Used) -> str:
        return struct(name, doc, self.model.objects[name], self._since(name), self.expressions, used)

    def _registry(self) -> str:
        used = Used()
        used.add("typing", "Final")
        used.add("voltherd.ocpp.version", "MessageSpec")
        used.add("voltherd.ocpp.version", "OcppVersion")
        rows = []
        for name, action in sorted(self.actions.items()):
            request, response = f"{name}Request", f"{name}Response"
            block = f"{self.name}.{action.module}"
            answer = used.add(block, response) if response in self.model.objects else "None"
            rows.append(
                f'MessageSpec("{name}", {used.add(block, request)}, {answer}, "{action.sender}",'
                f" OcppVersion.{self._first_version(request)}, draft={self.model.drafts[request]}),"
            )
        body = ["MESSAGES: Final = (", *rows, ")", '"""Every action, by name."""', ""]
        return module(f"The actions of {self.label}", used, ["\n".join(body)])

    def _first_version(self, request: str) -> str:
        if self.family is None:
            return "V16"
        return "V21" if request in self.family.new_names else "V201"

    def _init(self) -> str:
        used = Used()
        for name, action in self.actions.items():
            for message in (f"{name}Request", f"{name}Response"):
                if message in self.model.objects:
                    used.add(f"{self.name}.{action.module}", message)
        for name in self.nested:
            used.add(f"{self.name}.types", name)
        if self.family is not None:
            used.add("voltherd.ocpp.scalars", "CustomDataType")
        exported = sorted(name for names in used.names.values() for name in names)
        listed = "".join(f'    "{name}",\n' for name in exported)
        return module(f"Messages and types of {self.label}", used, [f"__all__ = [\n{listed}]\n"])

    def _scalars(self) -> str:
        used = Used({"typing": {"Annotated"}, "msgspec": {"Meta"}})
        numbered = sorted(self.expressions.scalars.items(), key=lambda s: (len(s[0]), s[0]))
        bodies = [f"{name} = {definition}" for name, definition in numbered]
        return module(
            f"Texts and numbers with bounds, as messages of {self.label} use them", used, ["\n".join(bodies) + "\n"]
        )


def narrowings(package: Package, family: Family) -> str:
    """The module of what a version of the family forbids beyond the family."""
    used = Used({"collections.abc": {"Mapping"}, "typing": {"Any", "Final"}})
    older = {name: values for name, values in family.new_values.items() if values}
    tables = [_table(version, narrowed, package, set(older), used) for version, narrowed in family.narrowed.items()]
    used.names.pop("older", None)
    aliases = [_older_enum(name, package.model, added, used) for name, added in sorted(older.items())]
    listed = ["NARROWINGS: Final[Mapping[str, Mapping[str, Mapping[str, tuple[Any, bool]]]]] = {", *tables, "}"]
    listed.append('"""Version -> type -> attribute -> what that version allows, and whether it demands it."""\n')
    return module(
        "What 2.0.1 and 2.1 forbid beyond the types of `voltherd.ocpp.v2`", used, [*aliases, "\n".join(listed)]
    )


def _older_enum(name: str, model: Model, added: set[str], used: Used) -> str:
    used.add("typing", "Literal")
    listed = ", ".join(f'"{value}"' for value in model.enums[name] if value not in added)
    return f"_{name} = Literal[{listed}]\n"


def _table(version: str, narrowed: dict[str, list[Narrowing]], package: Package, older: set[str], used: Used) -> str:
    lines = [f'"{version}": {{']
    for name, entries in narrowed.items():
        lines.append(f'"{name}": {{')
        lines += [
            f'"{attribute(entry.wire)}": {_entry(entry, version, package, older, used)},'
            for entry in sorted(entries, key=lambda e: e.wire)
        ]
        lines.append("},")
    return "\n".join([*lines, "},"])


def _entry(entry: Narrowing, version: str, package: Package, older: set[str], used: Used) -> str:
    if entry.own is None:
        return f"({used.add('voltherd.ocpp.scalars', 'Absent')}, False)"
    mine = Used()
    expression = package.expressions.of(entry.own.shape, mine)
    enum_module = f"{package.name}.enums"
    if version == "2.0.1":
        for name in mine.names.get(enum_module, set()) & older:
            expression = expression.replace(name, f"_{name}")
            mine.names[enum_module].discard(name)
    for source, names in mine.names.items():
        for name in names:
            used.add(source, name)
    return f"({expression}, {entry.own.required})"

"""The terminal view: all stations of a fleet; pick one, plug a car, tap a card, break it, read its frames."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Footer, Header, Input, RichLog, Static

from voltherd.simulator.events import Watch
from voltherd.simulator.fleet import Fleet
from voltherd.simulator.plan import TOKENS
from voltherd.simulator.problems import SimulatorError
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import MODELS, Vehicle, model
from voltherd.simulator.view.asking import AskText, Choose
from voltherd.simulator.view.describing import COLUMNS, describe, frame_line, row, summary_line
from voltherd.station import Token

REFRESH_S: Final = 0.5
FAULTS: Final = ("InternalError", "GroundFailure", "OverCurrentFailure", "ConnectorLockFailure", "EVCommunicationError")


class FleetView(App[None]):
    """Shows a fleet that runs in the same event loop."""

    TITLE = "voltherd simulate"
    CSS_PATH = "view.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "plug", "Plug"),
        Binding("u", "unplug", "Unplug"),
        Binding("t", "tap", "Tap card"),
        Binding("b", "break", "Break/repair"),
        Binding("x", "power", "Power"),
        Binding("n", "network", "Network"),
        Binding("d", "drop", "Drop line"),
        Binding("l", "limit", "Limit"),
        Binding("e", "next_evse", "Next EVSE"),
        Binding("slash", "find", "Find"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, fleet: Fleet) -> None:
        super().__init__()
        self.fleet = fleet
        self.evse_id = 1
        self.picked: str | None = None
        self._watch: Watch | None = None
        self._rows: dict[str, tuple[str, ...]] = {}
        self._filter = ""

    def compose(self) -> ComposeResult:
        """The parts of the screen."""
        yield Header()
        yield Static(id="summary")
        with Horizontal():
            with Vertical(id="left"):
                yield Input(placeholder="Find by identity, kind or status", id="find")
                yield DataTable[str | Text](id="stations", cursor_type="row", zebra_stripes=True)
            with Vertical(id="right"):
                yield Static("Pick a station", id="station")
                yield RichLog(id="frames", max_lines=500, wrap=True, markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Fill the list, and keep it fresh."""
        self._table.add_columns(*COLUMNS)
        self._fill()
        self._table.focus()
        self.set_interval(REFRESH_S, self.refresh_all)

    def on_unmount(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.close()

    @property
    def _table(self) -> DataTable[str | Text]:
        return self.query_one("#stations", DataTable)

    # Picking ---------------------------------------------------------------------------------

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """The cursor is on a station: that is the one."""
        identity = event.row_key.value if event.row_key is not None else None
        if identity is not None and identity != self.picked:
            self.pick(identity)

    def pick(self, identity: str) -> None:
        """Look at a station."""
        if self._watch is not None:
            self._watch.close()
        self.picked, self.evse_id = identity, 1
        self._watch = self.fleet.feed.watch(station=identity, frames=True)
        self.query_one("#frames", RichLog).clear()
        self._show_station()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show only what was looked for."""
        if event.input.id == "find":
            self._filter = event.value.strip().casefold()
            self._fill()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the list."""
        if event.input.id == "find":
            self._table.focus()

    def action_find(self) -> None:
        """Look for stations."""
        self.query_one("#find", Input).focus()

    def action_next_evse(self) -> None:
        """The next EVSE of the station that is picked."""
        station = self._station
        if station is not None:
            self.evse_id = self.evse_id % len(station.hardware) + 1
            self._show_station()

    @property
    def _station(self) -> SimulatedStation | None:
        return None if self.picked is None else self.fleet.stations.get(self.picked)

    # Showing ---------------------------------------------------------------------------------

    def _fill(self) -> None:
        table = self._table
        table.clear()
        self._rows.clear()
        for identity, station in self.fleet.stations.items():
            cells = row(station)
            if self._filter in " ".join(cells).casefold():
                self._rows[identity] = cells
                table.add_row(*cells, key=identity)

    def refresh_all(self) -> None:
        """Bring everything on the screen up to date."""
        self.query_one("#summary", Static).update(summary_line(self.fleet.summary(), self.fleet.url))
        table = self._table
        columns = list(table.columns)
        for identity, old in self._rows.items():
            new = row(self.fleet.stations[identity])
            if new != old:
                self._rows[identity] = new
                for key, before, now in zip(columns, old, new, strict=True):
                    if before != now:
                        table.update_cell(identity, key, now)
        self._show_station()
        self._show_events()

    def _show_station(self) -> None:
        station = self._station
        if station is not None:
            self.query_one("#station", Static).update(describe(station, self.evse_id))

    def _show_events(self) -> None:
        log = self.query_one("#frames", RichLog)
        for event in self._watch.take() if self._watch is not None else ():
            log.write(frame_line(event))

    # Doing -----------------------------------------------------------------------------------

    def action_plug(self) -> None:
        """Plug a vehicle in: which one is asked."""
        if self._station is not None:
            self.push_screen(Choose("Which vehicle?", [one.name for one in MODELS]), self._plug)

    def _plug(self, name: str | None) -> None:
        station = self._station
        if name is None or station is None:
            return
        try:
            station.plug(self.evse_id, Vehicle(model(name), soc=0.3))
        except SimulatorError as error:
            self.notify(str(error), severity="error")
        else:
            self.fleet.tell("plugged", station.config.identity, self.evse_id, vehicle=name)
        self.refresh_all()

    def action_unplug(self) -> None:
        """Pull the cable."""
        if self._station is not None:
            self._station.unplug(self.evse_id)
            self.refresh_all()

    def action_tap(self) -> None:
        """Hold a card to the reader: which one is asked."""
        if self._station is not None:
            self.push_screen(AskText("Token of the card", (self.fleet.plan.tokens or TOKENS)[0]), self._tap)

    def _tap(self, token: str | None) -> None:
        station, evse_id = self._station, self.evse_id
        if not token or station is None:
            return
        try:
            station.tap(evse_id, Token(token), lambda allowed: self._answered(token, allowed))
        except SimulatorError as error:
            self.notify(str(error), severity="error")
        self.refresh_all()

    def _answered(self, token: str, allowed: bool) -> None:
        said = "accepted" if allowed else "refused"
        self.notify(f"Card {token}: {said}", severity="information" if allowed else "warning")

    def action_break(self) -> None:
        """Break the EVSE, or repair it if it is broken."""
        station = self._station
        if station is None or not station.has_power:
            return
        if station.core.evses[self.evse_id].fault is not None:
            self._break(None)
        else:
            self.push_screen(Choose("What breaks?", FAULTS), lambda code: self._break(code) if code else None)

    def _break(self, code: str | None) -> None:
        if self._station is not None:
            self._station.break_evse(self.evse_id, code)
            self.refresh_all()

    async def action_power(self) -> None:
        """Cut the station's power, or bring it back."""
        station = self._station
        if station is not None and station.has_power:
            await station.power_cut()
        elif station is not None:
            station.power_back()
        self.refresh_all()

    def action_network(self) -> None:
        """Take the station's network away, or bring it back."""
        if self._station is not None:
            self._station.set_network(not self._station.has_network)
            self.refresh_all()

    def action_drop(self) -> None:
        """Break its connection."""
        if self._station is not None:
            self._station.drop()

    def action_limit(self) -> None:
        """Bound what its EVSEs draw together: how far is asked."""
        if self._station is not None:
            self.push_screen(AskText("Limit in watts (empty: none)", ""), self._limit)

    def _limit(self, text: str | None) -> None:
        if text is None or self._station is None:
            return
        try:
            self._station.set_limit(float(text) if text.strip() else None)
        except ValueError:
            self.notify(f"{text!r} is no number of watts", severity="error")
        self.refresh_all()

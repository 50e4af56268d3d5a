"""Where to connect, and how securely: network profiles and security profiles (OCPP 2.0.1 B09, B10, A05; of 1.6 A05).

Slot 1 holds what the station was configured with until the CSMS sets it. After a restart the slots are tried in
the order of `NetworkConfigurationPriority`, each as often as `NetworkProfileConnectionAttempts` says; when all have
failed, the one that worked last comes first, and so on without end (B10.FR.07, B10.FR.08, B10.FR.09).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from msgspec.structs import replace

from voltherd.ocpp.version import OcppVersion
from voltherd.station.function import Fact, Function
from voltherd.station.network_profile import (
    HIGHEST,
    SECURE,
    WRITABLE,
    NetworkProfile,
    Target,
    Unsuitable,
    check,
    url_for,
)
from voltherd.station.setting import Setting, number, switch, text

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.tls import Failure

ROOM: Final = "network"
SLOTS: Final = ("1", "2", "3")
"""Configuration slots (B09.FR.06 asks for two)."""


class Network(Function):
    """Chooses the way to connect.

    Attributes:
        active: the slot that is connected with, or tried now.
    """

    __slots__ = ("_before_upgrade", "_failures", "_profiles", "_proven", "_tried", "active")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        text("network_priority", "1", None, "OCPPCommCtrlr.NetworkConfigurationPriority", kind="SequenceList",
             values=SLOTS, reboot=True, required=True),
        number("network_attempts", 3, None, "OCPPCommCtrlr.NetworkProfileConnectionAttempts", unit=None, least=1),
        number("security_profile", 1, None, "SecurityCtrlr.SecurityProfile", unit=None, access="ReadOnly"),
        number("wanted_security_profile", 1, "SecurityProfile", unit=None, most=HIGHEST),
        switch("security_downgrade", False, None, "SecurityCtrlr.AllowSecurityProfileDowngrade", access="ReadOnly",
               since_v21=True),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._profiles: dict[str, NetworkProfile] | None = None
        self._failures = 0
        self._tried = 0
        self._proven = ""
        self._before_upgrade: int | None = None
        self.active = ""

    def restore(self) -> None:
        """Take up the profiles that were set, and begin with the first."""
        for slot, document in self.core.storage.all(ROOM).items():
            if slot == "proven":
                self._proven = document.decode()
            else:
                profile = msgspec.msgpack.decode(document, type=NetworkProfile)
                self._profiles = {**(self._profiles or {}), slot: profile}
        if self.is_v16:
            settings = self.core.settings
            settings.fix("wanted_security_profile", settings.text("security_profile"))
        self._begin()

    @property
    def is_v16(self) -> bool:
        """Whether the station speaks 1.6, which has no network profiles."""
        return self.core.version is OcppVersion.V16

    @property
    def security_profile(self) -> int:
        """The profile of the connection, or of the attempt to connect."""
        return self.profile(self.active).security_profile

    @property
    def message_timeout_s(self) -> float:
        """How long an answer is waited for, in real seconds."""
        told = self.profile(self.active).message_timeout_s
        return self.core.config.call_timeout_s if told is None or told <= 0 else float(told)

    @property
    def priority(self) -> tuple[str, ...]:
        """The slots in the order in which they are tried."""
        return self.core.settings.members("network_priority") or SLOTS[:1]

    def profile(self, slot: str) -> NetworkProfile:
        """What is in a slot; slots that nobody set hold what the station was configured with."""
        found = self._profiles.get(slot) if self._profiles else None
        return self._configured() if found is None else found

    def _configured(self) -> NetworkProfile:
        config, settings = self.core.config, self.core.settings
        if self.is_v16:
            wanted = settings.number("wanted_security_profile")
        else:
            wanted = int(config.settings.get("security_profile", settings.setting("security_profile").default))
        return NetworkProfile(url=url_for(config.url, config.tls_url, wanted), security_profile=wanted)

    def target(self) -> Target:
        """Where to connect next."""
        profile = self.profile(self.active)
        level = profile.security_profile
        has_password = level in (1, 2) or (level == 0 and self.core.config.password is not None)
        certificates = self.core.certificates
        own = certificates.own_for_csms() if level == HIGHEST else None
        return Target(
            url=profile.url,
            identity=profile.identity or self.core.config.identity,
            password=(profile.password or self.core.security.password()) if has_password else None,
            security_profile=level,
            roots_pem=certificates.roots_for_connection() if level >= SECURE else "",
            chain_pem="" if own is None else own.pem,
            key=b"" if own is None else own.key,
        )

    def reconnect(self) -> None:
        """Close the connection, and make a new one without a restart."""
        self._failures = self._tried = 0
        if self.core.is_connected:
            self.core.must_reconnect = True

    # What the CSMS sets ----------------------------------------------------------------------

    def set_profile(self, slot: str, profile: NetworkProfile) -> None:
        """Put a profile into a slot; it is used from the next restart on (B09.FR.01). Raises Unsuitable."""
        if slot not in SLOTS:
            raise Unsuitable("ValueOutOfRange", f"The slots are {', '.join(SLOTS)}")
        check(profile)
        self._check_level(profile.security_profile)
        self._put(slot, profile)

    def _check_level(self, level: int) -> None:
        """No less security than now, but for the one step that may be allowed (B09.FR.04, FR.31, FR.32; A00.FR.005)."""
        current = self.core.settings.number("security_profile")
        settings = self.core.settings
        may_fall = self.core.is_v21 and settings.switch("security_downgrade") and (current, level) == (3, 2)
        if level < current and not may_fall:
            raise Unsuitable("InvalidValue", f"The security profile is {current}, and is not lowered")

    def objects_to(self, name: str, value: str) -> str | None:
        """Slots must hold a usable profile (B10.FR.02, A05.FR.02, A05.FR.03); 1.6 upgrades only upwards (A05)."""
        try:
            if name == "network_priority":
                self._check_priority([slot.strip() for slot in value.split(",") if slot.strip()])
            elif name == "wanted_security_profile":
                self._check_upgrade(int(value))
        except Unsuitable as error:
            return str(error)
        return None

    def _check_priority(self, slots: list[str]) -> None:
        if not slots or len(set(slots)) != len(slots):
            raise Unsuitable("InvalidValue", "Slots are listed once each, and at least one")
        for slot in slots:
            if slot != SLOTS[0] and slot not in (self._profiles or {}):
                raise Unsuitable("NotFound", f"Nothing is set in slot {slot}")
            profile = self.profile(slot)
            if slot in (self._profiles or {}):
                check(profile)
            self._check_level(profile.security_profile)
            self._check_prerequisites(profile.security_profile)

    def _check_upgrade(self, level: int) -> None:
        current = self.core.settings.number("wanted_security_profile")
        if level <= current:  # of 1.6 A05.FR.01
            raise Unsuitable("InvalidValue", f"The security profile is {current}, and is only raised")
        if level < HIGHEST and not self._has_password():  # of 1.6 A05.FR.02
            raise Unsuitable("MissingParam", "There is no password that is long enough")
        self._check_prerequisites(level)

    def _has_password(self) -> bool:
        password = self.core.security.password()
        return password is not None and self.core.security.is_password_fit(password)

    def _check_prerequisites(self, level: int) -> None:
        certificates = self.core.certificates
        if level >= SECURE and not certificates.store.has_valid_root("CSMSRootCertificate", certificates.now):
            raise Unsuitable("InvalidCertificate", "No valid root certificate of the CSMS is installed")
        own = certificates.store.has_valid_own("ChargingStationCertificate", certificates.now)
        if level >= HIGHEST and not own:
            raise Unsuitable("InvalidCertificate", "The station has no valid certificate")

    def setting_changed(self, name: str) -> None:
        """In 1.6 a new security profile counts at once (A05.FR.06, A05.FR.07); a new password counts everywhere."""
        if name == "password":
            for slot, profile in (self._profiles or {}).items():
                if profile.password is not None:  # B09.FR.27
                    self._put(slot, replace(profile, password=self.core.settings.text(name)))
        if name == "wanted_security_profile":
            self._before_upgrade = self.core.settings.number("security_profile")
            self.core.afterwards(self.reconnect)

    # Connecting ------------------------------------------------------------------------------

    def connected(self) -> None:
        """The way works: remember it, and leave less secure ones (A05.FR.06)."""
        self._failures = self._tried = 0
        self._before_upgrade = None
        level = self.security_profile
        if level != self.core.settings.number("security_profile"):
            self.core.settings.change("security_profile", str(level))
        if self._proven != self.active:
            self._proven = self.active
            self.core.storage.keep(ROOM, "proven", self.active.encode())
        if not self.is_v16:
            self._forget_less_secure(level)

    def _forget_less_secure(self, level: int) -> None:
        kept = tuple(slot for slot in self.priority if self.profile(slot).security_profile >= level)
        for slot in [s for s, profile in (self._profiles or {}).items() if profile.security_profile < level]:
            assert self._profiles is not None
            del self._profiles[slot]
            self.core.storage.drop(ROOM, slot)
        if kept != self.priority and kept:
            self.core.settings.change("network_priority", ",".join(kept))

    def connect_failed(self, failure: Failure, text: str) -> None:
        """An attempt came to nothing; perhaps it is another slot's turn (B10.FR.03)."""
        self._note(failure, text)
        self._failures += 1
        if self._failures < self.core.settings.number("network_attempts"):
            return
        self._failures = 0
        if self._before_upgrade is not None:
            self._fall_back(self._before_upgrade)
            return
        self._tried += 1
        if self._tried < len(self.priority):
            self._choose(self.priority[(self._place() + 1) % len(self.priority)])
        else:
            self._tried = 0
            self.core.certificates.attempts_failed()
            self._choose(
                self._proven if self._proven in self.priority and self._proven != self.active else self._next()
            )

    def _fall_back(self, level: int) -> None:
        """The upgrade of 1.6 did not work (A05.FR.08)."""
        self._before_upgrade = None
        self.core.settings.fix("wanted_security_profile", str(level))
        self.core.storage.keep("setting", "wanted_security_profile", str(level).encode())
        self.core.logs.note(f"back to security profile {level}")

    def _note(self, failure: Failure, text: str) -> None:
        security = self.core.security
        if failure == "Certificate":
            security.note_once("InvalidCsmsCertificate", text)  # A00.FR.310
        elif failure == "Version":
            security.note_once("InvalidTLSVersion", text)  # A00.FR.316
        elif failure == "Cipher":
            security.note_once("InvalidTLSCipherSuite", text)  # A00.FR.323
        elif failure == "Refused":
            security.note_once("FailedToAuthenticateAtCsms", text)

    def restarting(self) -> None:
        """After a restart the first slot comes first (B10.FR.04, A05.FR.05)."""
        self._begin()

    def _begin(self) -> None:
        self._failures = self._tried = 0
        self._choose(self.priority[0])

    def _choose(self, slot: str) -> None:
        self.active = slot

    def _place(self) -> int:
        return self.priority.index(self.active) if self.active in self.priority else -1

    def _next(self) -> str:
        return self.priority[(self._place() + 1) % len(self.priority)]

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """Which slot is in use, and since 2.1 what is in each (B09.FR.08)."""
        yield Fact(component="OCPPCommCtrlr", variable="ActiveNetworkProfile", value=self.active, kind="integer")
        identity = self.profile(self.active).identity or self.core.config.identity
        yield Fact(component="SecurityCtrlr", variable="Identity", value=identity, kind="string")
        if self.core.is_v21:
            for slot in SLOTS:
                yield from self._slot_facts(slot)

    def _slot_facts(self, slot: str) -> Iterator[Fact]:
        profile = self._draft(slot)
        timeout_s = profile.message_timeout_s or self.core.config.call_timeout_s
        for variable, value, kind in (
            ("OcppCsmsUrl", profile.url, "string"),
            ("OcppInterface", profile.interface, "OptionList"),
            ("OcppTransport", "JSON", "OptionList"),
            ("SecurityProfile", str(profile.security_profile), "integer"),
            ("MessageTimeout", f"{timeout_s:g}", "integer"),
            ("Identity", profile.identity or self.core.config.identity, "string"),
            ("BasicAuthPassword", "", "string"),
            ("ApnEnabled", "true" if profile.apn else "false", "boolean"),
            ("VpnEnabled", "true" if profile.vpn else "false", "boolean"),
        ):
            yield Fact(
                component="NetworkConfiguration",
                component_instance=slot,
                variable=variable,
                value=value,
                kind=kind,
                write=partial(self._write, slot, variable) if variable in WRITABLE else None,
                is_secret=variable == "BasicAuthPassword",
            )

    def _draft(self, slot: str) -> NetworkProfile:
        """What is in a slot, or what is to become of an empty one."""
        if slot == SLOTS[0] or slot in (self._profiles or {}):
            return self.profile(slot)
        return NetworkProfile(url="", security_profile=self.core.settings.number("security_profile"))

    def _write(self, slot: str, variable: str, value: str) -> str | None:
        """Set one variable of a slot that is not in use; gives what is wrong with it (B09.FR.22 to B09.FR.25)."""
        if slot in self.priority:
            return "The slot is in NetworkConfigurationPriority"
        try:
            changes = WRITABLE[variable](value)
            if "security_profile" in changes:
                self._check_level(changes["security_profile"])
        except ValueError as error:
            return str(error)
        self._put(slot, replace(self._draft(slot), **changes))
        return None

    def _put(self, slot: str, profile: NetworkProfile) -> None:
        self._profiles = {**(self._profiles or {}), slot: profile}
        self.core.storage.keep(ROOM, slot, msgspec.msgpack.encode(profile))
        self.core.security.note("ReconfigurationOfSecurityParameters", f"network profile {slot} was set")

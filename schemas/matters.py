"""What a matter is while it runs: state, duty, offers, cards, and what its start carries."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field, JsonValue

from .acts import Attachment, Outcome, Piece
from .base import Code, Instant, Model, Text
from .clocks import Clock, ClockKind, Lamp
from .entries import Receipt, SealedField
from .kin import EntryRef, Errand
from .profile import Role, Rules
from .resolution import Resolution


class Channel(StrEnum):
    """How a matter came in."""

    WINDOW = "window"
    VISIT = "visit"
    PHONE = "phone"
    LETTER = "letter"
    ONLINE = "online"
    ON_SITE = "on_site"
    INTERNAL = "internal"


class TimeSource(StrEnum):
    """Where an entry's time comes from."""

    INTAKE = "intake"
    ENGINE = "engine"
    IMPORT = "import"
    SIMULATION = "simulation"


class Duty(Model):
    """Who answered for the matter, from when to when: the spans join without a gap."""

    officer: Code
    post: Code
    since: Instant
    until: Instant | None = None
    ended_by: str = ""


class Offer(Model):
    """An open hand-over: offered, not yet accepted."""

    from_officer: Code
    from_post: Code
    to_post: Code
    reason: Text
    sent_at: Instant
    designated: bool = False
    """Named by the office; it cannot be returned."""
    disputed: bool = False
    """Waits for the office to name somebody."""


class CardStatus(StrEnum):
    """Life of a card; an absorbed or revoked card stays visible as such."""

    PROPOSED = "proposed"
    """Waits for the supervision office to confirm or dismiss it."""
    DISMISSED = "dismissed"
    DUE = "due"
    OPEN = "open"
    ESCALATED = "escalated"
    """Not corrected in time: the red card that it turned into speaks for it."""
    RECTIFIED = "rectified"
    ABSORBED = "absorbed"
    REVOKED = "revoked"


class Card(Model):
    """A supervision card (牌): a verdict served on named people."""

    id: Code
    code: Code
    """Y1 to Y4, R1 to R3."""
    clock: ClockKind | None = None
    """The clock it is a verdict on; None for an irregularity of another kind."""
    ref: str = ""
    cause: str
    fault: str = ""
    """Fault code that a lead would be about."""
    basis: str = ""
    breached_at: Instant
    issue_day: date
    rectify_due: date | None = None
    addressees: tuple[str, ...] = ()
    """Staff numbers of those who answer."""
    copies: tuple[str, ...] = ()
    """Staff numbers of those who are told."""
    status: CardStatus = CardStatus.DUE
    follows: str = ""
    """The card it grew from."""
    corrected: bool = False
    """The late act has been done."""
    explained: tuple[str, ...] = ()
    """Staff numbers of those who have explained themselves in writing."""
    lead: str = ""
    """Of a red card: number of the fault case that it opens, or joins."""


class Irregularity(Model):
    """Something the rules would have refused, in a record of the past."""

    code: Code
    people: tuple[str, ...]
    act: Code


class DoneAct(Model):
    """An act already handled: what a repetition of its id gets back."""

    id: Code
    said: str = ""
    """Digest of what it said; the same id with other words is no repetition."""
    receipt: Receipt | None = None
    refused: str = ""
    """Code of the refusal."""
    message: str = ""
    details: dict[str, JsonValue] = Field(default_factory=dict)
    """Of the refusal, beside its sentence."""


class ShownFacts(Model):
    """Facts that people may have been shown: what has changed since is told by them."""

    digest: str
    seq: int
    """Case sequence of the entry as of which they held."""
    parts: dict[str, JsonValue]


class TakenDecision(Model):
    """A decision that took effect: whoever meant to decide the same is told of it."""

    act: Code
    officer: Code
    post: Code
    at: Instant
    outcome: str = ""
    seq: int
    """Case sequence of its entry."""


class Registration(Model):
    """Answer to `register`: the receipt as the intake gets it."""

    id: Code
    receipt: Receipt
    received_at: Instant
    received_day: date
    promised_day: date | None
    """If accepted on the day of receipt."""
    provisional: bool = False
    digest: str
    """Digest of the submission that was registered under this key."""


class MatterState(Model):
    """What every kind of matter carries."""

    state: Code
    rules: Rules
    """The rules in force for this matter; replaced by `adopt_profile` and `adopt_calendar` only."""
    received_day: date
    last_at: Instant
    """Time of the latest act."""
    entries: int = 0
    """Case sequence of the latest receipt."""
    registration: Registration | None = None
    clocks: tuple[Clock, ...] = ()
    cards: tuple[Card, ...] = ()
    proposals: tuple[tuple[Code, Code], ...] = ()
    """(trigger, staff number) of every card that was proposed because of an entry here."""
    duties: tuple[Duty, ...] = ()
    offer: Offer | None = None
    returns: tuple[Code, ...] = ()
    """Sections that have returned a hand-over, each once at most."""
    recalculated_on: date | None = None
    """Day of the latest recalculation: no card may be issued before the next working day."""
    acts: tuple[DoneAct, ...] = ()
    shown: tuple[ShownFacts, ...] = ()
    """The facts of late, the newest last."""
    decisions: tuple[TakenDecision, ...] = ()
    """The decisions of late, the newest last."""
    roles_played: tuple[tuple[Role, Code], ...] = ()
    """(role, staff number) of everybody who acted in a separated role."""
    irregularities: tuple[Irregularity, ...] = ()
    errands: tuple[Errand, ...] = ()
    """What is still to be done for other matters."""
    heard: tuple[str, ...] = ()
    """Which entries of other matters (`EntryRef.id`) took effect here: each does so once."""


class StageState(Model):
    """One stage of a case as it stands."""

    code: Code
    post: Code
    """Owner post; differs from the item's after a hand-over inside the bureau."""
    signed_by: str = ""
    agrees: bool | None = None
    rounds: int = 0
    """How often the stage was signed."""


class Pause(Model):
    """A requested or running suspension."""

    ground: Code
    expected_days: int
    notice: str
    requested_by: Code
    running: bool = False


class Extension(Model):
    """A requested extension."""

    days: int
    requested_by: Code
    requested_at: Instant


class CaseState(MatterState):
    """An approval case (办件)."""

    accepted_day: date | None = None
    stage: int = 0
    stages: tuple[StageState, ...] = ()
    taken: bool = False
    """The current stage's owner has confirmed receipt."""
    materials: tuple[Piece, ...] = ()
    deferred: tuple[Code, ...] = ()
    deferred_until: date | None = None
    points: tuple[tuple[str, str], ...] = ()
    """Points of the once-only notice."""
    open_points: tuple[str, ...] = ()
    notices: int = 0
    notice_day: date | None = None
    reminded: bool = False
    flags: tuple[Code, ...] = ()
    pause: Pause | None = None
    extension: Extension | None = None
    extended: bool = False
    outcome: Outcome | None = None
    decided_day: date | None = None
    ready_day: date | None = None
    renewal_warned: int = 0
    """How many of the reminders before the permit's expiry were given."""
    deemed_renewed: bool = False
    charged_fen: int = 0
    resolutions: tuple[Resolution, ...] = ()
    """Joint reviews of this case whose signed minutes it was told of, in that order."""


class InquiryState(MatterState):
    """An inquiry (咨询) under first-inquiry responsibility."""

    first_officer: Code
    answered: bool = False
    score: int | None = None
    case: str = ""


class MatterInput(Model):
    """What every start carries: number, rules, channel, who received it."""

    id: Code
    """Number of the matter; the workflow id is `<kind>/<number>`."""
    business_key: Code
    digest: str
    """Digest of the submission: the same key with another content is a conflict."""
    rules: Rules
    channel: Channel
    officer: Code
    """Who received it."""
    post: Code
    assertion: str = Field(default="", max_length=4000)
    """By which the desk vouches that it was he (`rules.assertions`)."""
    received_at: Instant | None = None
    """Intake stamp; without it the engine's time counts."""
    late_reason: str = ""
    source: TimeSource = TimeSource.ENGINE
    """IMPORT or SIMULATION where the matter does not live on real time."""
    origin: EntryRef | None = None
    """The entry of another matter because of which this one was begun."""
    sealed: tuple[SealedField, ...] = ()
    """Personal data of the applicant: digests and ciphertext only."""
    lookup_digest: str = ""
    attachments: tuple[Attachment, ...] = ()
    history_limit: int = 0
    """Continue as new after this many history events; 0: when the engine suggests it."""


class CaseInput(MatterInput):
    """Start of a case."""

    materials: tuple[Piece, ...] = ()
    flags: tuple[Code, ...] = ()
    expires_on: date | None = None
    """Last day of the permit that is to be renewed."""
    statutory_at: Instant | None = None
    """A statutory limit given as an instant by the recorded log."""
    resumed: CaseState | None = None


class InquiryInput(MatterInput):
    """Start of an inquiry."""

    resumed: InquiryState | None = None


class ClockView(Model):
    """A clock as people see it."""

    kind: ClockKind
    ref: str = ""
    due: date | None
    yellow_from: date | None
    red_from: date | None
    provisional: bool
    lamp: Lamp
    left: int | None
    owner: str = ""
    stopped_on: date | None = None
    breached: bool = False


class Status(Model):
    """Answer to the query `get_status`: only what is already recorded."""

    id: Code
    kind: Code = "case"
    state: Code
    now: Instant
    next_look: Instant | None = None
    """When time alone will next be looked at: a little after the next limit, reminder or card."""
    lamp: Lamp
    officer: str
    post: str
    stage: str = ""
    facts: str
    """Digest of the facts; goes into a decision as what its signer saw."""
    parts: dict[str, JsonValue] = Field(default_factory=dict)
    """The facts part by part (`rules.facts.parts_of`)."""
    clocks: tuple[ClockView, ...] = ()
    cards: tuple[Card, ...] = ()
    duties: tuple[Duty, ...] = ()
    detail: dict[str, JsonValue] = Field(default_factory=dict)


class MatterResult(Model):
    """What a finished matter returns."""

    id: Code
    state: Code
    entries: int
    figures: dict[str, JsonValue] = Field(default_factory=dict)

"""Policies: every rule of C2SP tlog-policy, the two lines of our own, and what a policy makes of a note."""

from __future__ import annotations

import pytest

from ledger.notes import (
    Authority,
    KeyKind,
    LogKey,
    Policy,
    PolicyWitness,
    parse_policy,
)
from tests.ledger.signers import ORIGIN, key, policy, signed, witness

LOG = key().verifier
OTHER_LOG = key("other.invalid/log").verifier
QUANTUM = key(ORIGIN, KeyKind.COSIGNATURE_MLDSA44).verifier
X1, X2, X3, Y1, Y2, Y3 = (witness(number).verifier for number in range(6))
TSA = "5f" * 32

EXAMPLE = f"""
log {LOG.vkey}

witness X1 {X1.vkey}
witness X2 {X2.vkey}
witness X3 {X3.vkey}
group X-witnesses 2 X1 X2 X3

witness Y1 {Y1.vkey}
witness Y2 {Y2.vkey}
witness Y3 {Y3.vkey}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
"""The example of C2SP tlog-policy with keys in it."""


def test_the_example_of_the_specification() -> None:
    read = parse_policy(EXAMPLE.encode())
    assert [each.key for each in read.logs] == [LOG]
    assert [(each.name, each.key) for each in read.witnesses][:2] == [("X1", X1), ("X2", X2)]
    assert [(each.name, each.k, each.members) for each in read.groups] == [
        ("X-witnesses", 2, ("X1", "X2", "X3")),
        ("Y-witnesses", 1, ("Y1", "Y2", "Y3")),
        ("X-and-Y", 2, ("X-witnesses", "Y-witnesses")),
    ]
    assert (read.quorum, read.asks_witnesses) == ("X-and-Y", True)
    assert parse_policy(read.encode()) == read


@pytest.mark.parametrize(
    ("cosigners", "met"),
    [
        ((), False),
        ((0, 1), False),
        ((0, 3), False),
        ((3, 4, 5), False),
        ((0, 1, 2), False),
        ((0, 2, 4), True),
        ((0, 1, 2, 3, 4, 5), True),
    ],
)
def test_the_quorum_of_the_example(cosigners: tuple[int, ...], met: bool) -> None:
    checked = parse_policy(EXAMPLE.encode()).check(signed(key(), *map(witness, cosigners)))
    assert checked.quorum is met
    assert [each.key for each in checked.cosignatures] == [witness(each).verifier for each in cosigners]


def _full() -> Policy:
    return (
        policy(witnesses=3)
        .with_log(LogKey(QUANTUM, url="https://ledger.invalid/"))
        .with_log(LogKey(OTHER_LOG))
        .with_range(LOG, 0, 100)
        .with_range(QUANTUM, 90)
        .with_witness(PolicyWitness("审计局", witness(9).verifier, "https://见证.invalid/"))
        .with_group("bureau", 1, ["w0", "w1"])
        .with_group("everybody", 2, ["bureau", "审计局"])
        .with_quorum("everybody")
        .with_authority(Authority("https://tsa.invalid/", TSA))
        .with_authority(Authority("", TSA[::-1]))
    )


@pytest.mark.parametrize(
    "built",
    [
        pytest.param(Policy(), id="nobody"),
        pytest.param(policy(), id="a log"),
        pytest.param(policy(witnesses=1).with_quorum("w0"), id="a witness"),
        pytest.param(policy(witnesses=64).with_quorum(33), id="33 of 64"),
        pytest.param(policy(witnesses=3).with_quorum(2).with_quorum("none"), id="a group of no weight"),
        pytest.param(_full(), id="everything"),
    ],
)
def test_what_is_built_reads_back_as_it_was_built(built: Policy) -> None:
    assert parse_policy(built.encode()) == built
    assert parse_policy(built.encode()).encode() == built.encode()


@pytest.mark.parametrize(("k", "written"), [(1, "any"), (2, "2"), (3, "all")])
def test_so_many_of_all_witnesses(k: int, written: str) -> None:
    made = policy(witnesses=3).with_quorum(1).with_quorum(k)
    assert f"group witnesses {written} w0 w1 w2\nquorum witnesses\n" in made.encode().decode()
    for count in range(4):
        checked = made.check(signed(key(), *map(witness, range(count))))
        assert checked.quorum is (count >= k)


def test_our_own_lines_are_comments_to_everybody_else() -> None:
    lines = policy().with_range(LOG, 5, 9).with_authority(Authority("", TSA)).encode().decode().splitlines()
    assert lines == [
        f"log {LOG.vkey}",
        f"#yangguang size {LOG} 5 9",
        "quorum none",
        f"#yangguang tsa {TSA}",
    ]


def test_space_and_comments_as_the_specification_allows() -> None:
    spaced = (
        f"\t \n  # one # two\n#\n#yangguangs\n\t log \t{LOG.vkey}  https://a.invalid/\t\n \tquorum\tnone \n"
    )
    assert parse_policy(spaced.encode()) == Policy((LogKey(LOG, url="https://a.invalid/"),))


def test_names_are_octets() -> None:
    """K is not the Kelvin sign, nor a composed letter the same decomposed; Latin-1 is as good as UTF-8."""
    names = b"K \xe2\x84\xaa \xc3\xa9 e\xcc\x81 \xe9 \xff\x80 \xc2\xa0 \xe3\x80\x80".split(b" ")
    vkeys = [witness(number).verifier.vkey.encode() for number in range(len(names))]
    raw = b"".join(b"witness %b %b https://\xe9.invalid/\n" % pair for pair in zip(names, vkeys, strict=True))
    raw += b"group \xe9\xe9 3 %b\nquorum \xff\x80\n" % b" ".join(names)
    read = parse_policy(raw)
    assert read.encode() == raw
    assert read.with_quorum("é").quorum == "é"


@pytest.mark.parametrize("count", [32, 64])
def test_as_many_as_the_specification_asks_for_and_more(count: int) -> None:
    made = policy(witnesses=count)
    for number in range(1, count):
        made = made.with_log(LogKey(key(f"{number}.invalid").verifier))
    group = "w0"
    for number in range(count):
        made = made.with_group(f"g{number}", 1, [group])
        group = f"g{number}"
    made = made.with_quorum(group)
    assert parse_policy(made.encode()) == made
    assert made.check(signed(key(), witness(0))).quorum
    assert not made.check(signed(key(), witness(1))).quorum

"""What is no policy: every rule of C2SP tlog-policy, broken once, and the limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.merkle import MAX_SIZE
from ledger.notes import Authority, BadPolicyError, KeyKind, LogKey, PolicyWitness, VerifierKey, parse_policy
from tests.ledger.signers import ORIGIN, key, policy, witness

LOG, OTHER_LOG = key().verifier, key("other.invalid/log").verifier
QUANTUM = key(ORIGIN, KeyKind.COSIGNATURE_MLDSA44).verifier
X1, X2 = witness(1).verifier, witness(2).verifier
TSA = "5f" * 32
SAME_ID = [
    VerifierKey("a.invalid", KeyKind.ED25519, number.to_bytes(32, "big")).vkey for number in (41657, 53745)
]
"""An id has 32 bits: whoever looks for two keys that share one finds them at once."""

LOG_B, X1_B = replace(LOG, name="b.invalid").vkey, replace(X1, name="b.invalid").vkey
LOG_COSIGNS = replace(LOG, kind=KeyKind.COSIGNATURE_ED25519).vkey
ONE = f"witness A {X1.vkey}\n"
"""A witness that groups and quorums can name."""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "one quorum line", id="nothing"),
        pytest.param(f"log {LOG.vkey}\n", "one quorum line", id="no quorum"),
        pytest.param("quorum none\nquorum none\n", "one quorum line", id="two quorums"),
        pytest.param("quorum none", "end with a newline", id="no newline"),
        pytest.param("quorum none\r\n", r"line 1: .*b'\\r'", id="carriage return"),
        pytest.param("quorum none\n# \x7f\n", r"line 2: .*b'\\x7f'", id="DEL in a comment"),
        pytest.param("quorum none\n\n\0\n", r"line 3: .*b'\\x00'", id="NUL"),
        pytest.param("quorum\vnone\n", "control character", id="another space"),
        pytest.param("quorum\N{NO-BREAK SPACE}none\n", "no such kind of line", id="a space of Unicode"),
        pytest.param("Quorum none\n", "no such kind of line", id="capital"),
        pytest.param("quorum\n", "one name", id="quorum of nobody"),
        pytest.param("quorum none none\n", "one name", id="quorum of two names"),
        pytest.param(f"quorum A\nwitness A {X1.vkey}\n", "line 1: .*no quorum 'A'", id="quorum before"),
        pytest.param("quorum any\n", "no quorum 'any'", id="quorum of a keyword"),
        pytest.param("log\nquorum none\n", "1 or 2 words", id="log without a key"),
        pytest.param(f"log {LOG.vkey} a b\nquorum none\n", "1 or 2 words", id="log with too much"),
        pytest.param("log key\nquorum none\n", "line 1: .*not a verifier key", id="no vkey"),
        pytest.param(f"log {X1.vkey}\nquorum none\n", "kind COSIGNATURE_ED25519", id="witness as log"),
        pytest.param(f"witness A {LOG.vkey}\nquorum A\n", "kind ED25519", id="log as witness"),
        pytest.param(f"witness {X1.vkey}\nquorum none\n", "2 or 3 words", id="witness without a name"),
        pytest.param(f"witness none {X1.vkey}\nquorum none\n", "not usable as the name", id="witness none"),
        pytest.param(f"log {LOG.vkey}\nlog {LOG.vkey} url\n", "the same public key", id="log twice"),
        pytest.param(f"log {LOG.vkey}\nlog {LOG_B}\n", "the same public key", id="log under two names"),
        pytest.param(
            f"{ONE}witness B {X1_B}\n",
            "the same public key",
            id="witness twice",
        ),
        pytest.param(
            f"log {QUANTUM.vkey}\nwitness B {QUANTUM.vkey}\n", "the same public key", id="its own witness"
        ),
        pytest.param(
            f"log {LOG.vkey}\nwitness B {LOG_COSIGNS}\n",
            "the same public key",
            id="its own witness in another kind",
        ),
        pytest.param(f"log {SAME_ID[0]}\nlog {SAME_ID[1]}\n", "the same name and id", id="two of one id"),
        pytest.param(f"{ONE}witness A {X2.vkey}\n", "line 2: .*named 'A'", id="name twice"),
        pytest.param(f"{ONE}group A any A\n", "named 'A'", id="group named as a witness"),
        pytest.param(f"{ONE}group none any A\n", "not usable as the name", id="group none"),
        pytest.param(f"{ONE}group G 1\n", "a number and members", id="group of nobody"),
        pytest.param(f"{ONE}group G any\n", "a number and members", id="any of nobody"),
        pytest.param(f"{ONE}group G 0 A\n", "nor a number", id="0 of 1"),
        pytest.param(f"{ONE}group G 2 A\n", "2 of 1", id="2 of 1"),
        pytest.param(f"{ONE}group G 01 A\n", "nor a number", id="leading zero"),
        pytest.param(f"{ONE}group G +1 A\n", "nor a number", id="sign"),
        pytest.param(f"{ONE}group G １ A\n", "nor a number", id="digit of Unicode"),
        pytest.param(f"{ONE}group G {'9' * 5000} A\n", "nor a number", id="very long number"),
        pytest.param(f"{ONE}group G ANY A\n", "nor a number", id="capitals"),
        pytest.param(f"group G any A\nwitness A {X1.vkey}\n", "line 1: .*no member 'A'", id="member before"),
        pytest.param("group G any G\n", "no member 'G'", id="member of itself"),
        pytest.param(f"{ONE}group G any A none\n", "no member 'none'", id="member none"),
        pytest.param(f"{ONE}group G any A A\n", "a member of a group already", id="member twice"),
        pytest.param(
            f"{ONE}group G any A\ngroup H any A\n",
            "line 3: .*a member of a group already",
            id="member of two groups",
        ),
        pytest.param("#yangguang\nquorum none\n", "no such kind of line", id="nothing of ours"),
        pytest.param("#yangguang sise a 1 2\nquorum none\n", "no such kind of line", id="misspelt"),
        pytest.param(f"#yangguang size {LOG} 1\nquorum none\n", "no key of a log", id="sizes of no log"),
        pytest.param(
            f"log {LOG.vkey}\n#yangguang size {LOG} 1 9\n#yangguang size {LOG} 1\n",
            "already",
            id="sizes twice",
        ),
        *(
            pytest.param(f"log {LOG.vkey}\n#yangguang size {LOG} {sizes}\n", told, id=f"sizes {sizes}")
            for sizes, told in (
                ("", "2 or 3 words"),
                ("1 2 3", "2 or 3 words"),
                ("9 5", "no sizes from 9 to 5"),
                ("-1", "not the size"),
                ("01", "not the size"),
                ("x", "not the size"),
                (str(MAX_SIZE), "not the size"),
            )
        ),
        pytest.param("#yangguang tsa\n", "1 or 2 words", id="no fingerprint"),
        pytest.param(f"#yangguang tsa {TSA.upper()}\n", "lower-case hex", id="fingerprint in capitals"),
        pytest.param(f"#yangguang tsa {TSA}00\n", "lower-case hex", id="long fingerprint"),
        pytest.param(f"#yangguang tsa {TSA}\n#yangguang tsa {TSA} u\n", "stands twice", id="authority twice"),
        pytest.param(f"witness {'a' * 2049} {X1.vkey}\n", "at most 2048", id="long name"),
        pytest.param("#" * (1 << 20) + "\n", "at most 1048576", id="long file"),
    ],
)
def test_what_is_no_policy_is_refused(text: str, told: str) -> None:
    with pytest.raises(BadPolicyError, match=told) as caught:
        parse_policy(text.encode())
    assert (caught.value.code, caught.value.exit_code) == ("bad_policy", 2)
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("verb", ["log", "witness", "group", "tsa"])
def test_there_are_limits(verb: str) -> None:
    def line(number: int) -> str:
        return {
            "log": f"log {key(f'{number}.invalid').verifier.vkey}",
            "witness": f"witness {number} {witness(number).verifier.vkey}",
            "group": f"group {number} any {number - 1 if number else 'A'}",
            "tsa": f"#yangguang tsa {number:064x}",
        }[verb]

    start = f"witness A {witness(1000).verifier.vkey}\n" if verb == "group" else ""
    with pytest.raises(BadPolicyError, match="65, at most 64"):
        parse_policy((start + "".join(f"{line(number)}\n" for number in range(65))).encode())


@pytest.mark.parametrize(
    "build",
    [
        lambda: PolicyWitness("a b", X1),
        lambda: PolicyWitness("", X1),
        lambda: PolicyWitness("none", X1),
        lambda: PolicyWitness("a\ud800", X1),
        lambda: PolicyWitness("\udcc3\udca9", X1),
        lambda: PolicyWitness("a", X1, "https://a.invalid/ b"),
        lambda: PolicyWitness("a", LOG),
        lambda: LogKey(X1),
        lambda: LogKey(LOG, url="a\nquorum none"),
        lambda: LogKey(LOG, 5, 4),
        lambda: LogKey(LOG, -1),
        lambda: LogKey(LOG, MAX_SIZE),
        lambda: LogKey(LOG, 0, MAX_SIZE),
        lambda: Authority("", ""),
        lambda: policy().with_range(OTHER_LOG, 0),
        lambda: policy().with_quorum(1),
        lambda: policy(witnesses=1).with_quorum(0),
        lambda: policy(witnesses=1).with_quorum(2),
        lambda: policy(witnesses=1).with_quorum("w1"),
        lambda: policy(witnesses=1).with_quorum(""),
        lambda: policy(witnesses=1).with_group("g", 1, ["w0"]).with_group("h", 1, ["w0"]),
    ],
)
def test_no_policy_can_be_built_that_could_not_be_written(build: Callable[[], object]) -> None:
    with pytest.raises(BadPolicyError):
        build()

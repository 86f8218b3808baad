"""Checking a bundle, failing closed, with nothing but its files and, at best, the auditor's own policy.

The newest checkpoint is checked first, because everything else hangs on it: the tree is rebuilt from the
entries and must give the root of every checkpoint; an extract proves each of its entries instead. In the end
every file has been looked at by the check that it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger.bundle.beside import check_histories, check_openings, opened_entries
from ledger.bundle.entries import EntryCheck
from ledger.bundle.extract import check_extract
from ledger.bundle.files import compare, read_listed, read_manifest, scan
from ledger.bundle.layout import POLICY, limit_of
from ledger.bundle.opened import Bundle
from ledger.bundle.report import BundleFailure, BundleReport
from ledger.bundle.tree import check_log
from ledger.bundle.trusted import check_trusted, has_own_guide
from ledger.notes import Policy, parse_policy
from ledger.verifier.trust import TOLERANCE
from ledger.verifier.windows import windows
from schemas.errors import YangguangError


def check_bundle(
    folder: Path, policy: Policy | None = None, advance: Callable[[int], None] = lambda n: None
) -> BundleReport:
    """Check a bundle. What cannot be read has not been verified: it is a failure, never an error.

    `policy` is the auditor's own copy; without it the bundle's is taken, which proves less. `advance` is told
    how many entries more have been checked.
    """
    try:
        return _check(folder, policy, advance)
    except YangguangError as problem:
        check, told = problem.code, problem.message
    except (OSError, ValueError, OverflowError, RecursionError) as problem:
        check, told = "file", f"无法读取 / cannot be read: {type(problem).__name__}: {problem}"
    failure = BundleFailure(check=check, place=str(folder), detail=told)
    return _refused(policy, [failure], 1)


def _check(folder: Path, policy: Policy | None, advance: Callable[[int], None]) -> BundleReport:
    found = scan(folder)
    manifest = read_manifest(folder, len(found))
    if wrong := compare(manifest, found):
        failures = [BundleFailure(check="file", place=_named(n), detail=told) for n, told in wrong[:1000]]
        return _refused(policy, failures, len(wrong))
    trusted = policy or parse_policy(read_listed(folder, manifest, POLICY))
    bundle = Bundle(folder, manifest, trusted, advance)
    bundle.collect_checkpoints()
    bundle.collect_tokens()
    # Simulated times are nobody's clock: no checkpoint can deny them.
    bounds = [] if manifest.simulated else bundle.bounds
    times = windows(bounds, TOLERANCE)
    check = EntryCheck(bundle.head.origin, times, bundle.fail, manifest.case, opened_entries(bundle))
    try:
        told = _check_content(bundle, check)
    except YangguangError as problem:  # what was found before it is told as well
        bundle.fail(problem.code, str(folder), problem.message)
        told = {}
    return _report(bundle, check, policy, told)


def _check_content(bundle: Bundle, check: EntryCheck) -> dict[str, bool]:
    """Everything behind the checkpoints; gives what is told of policy and README, and fails nothing."""
    (check_log if bundle.manifest.case is None else check_extract)(bundle, check)
    check_openings(bundle, check.content)
    check_histories(bundle, check.content)
    policy = check_trusted(bundle)
    own_guide = policy is not None and has_own_guide(bundle, policy)
    bundle.refuse_unread()
    return {"same_policy": policy == bundle.policy, "own_guide": own_guide}


def _named(name: str) -> str:
    """A name from the list of a stranger."""
    return name if limit_of(name) is not None else f"{name!r:.200}"


def _refused(policy: Policy | None, failures: list[BundleFailure], count: int) -> BundleReport:
    """Of a bundle of which nothing holds nothing is said."""
    return BundleReport(
        verified=False,
        own_policy=policy is None,
        same_policy=False,
        own_guide=False,
        failure_count=count,
        failures=tuple(failures),
    )


def _report(bundle: Bundle, check: EntryCheck, policy: Policy | None, told: dict[str, bool]) -> BundleReport:
    head, newest, manifest, content = bundle.head, bundle.newest, bundle.manifest, check.content
    return BundleReport(
        verified=bundle.failure_count == 0,
        origin=head.origin,
        case=manifest.case,
        simulated=manifest.simulated,
        size=head.size,
        own_policy=policy is None,
        same_policy=told.get("same_policy", False),
        own_guide=told.get("own_guide", False),
        anchored=bundle.policy.asks_witnesses and newest.quorum,
        signed_by=tuple(str(each.key) for each in newest.log),
        cosigned_by=tuple(str(each.key) for each in newest.cosignatures),
        stamped=tuple(bundle.stamps),
        entries=content.entries,
        chains=len(content.states),
        checkpoints=len(bundle.claims),
        openings=len(bundle.names("openings/")),
        histories=len(bundle.names("histories/", ".pb")),
        failure_count=bundle.failure_count,
        failures=tuple(bundle.failures),
    )

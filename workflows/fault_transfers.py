"""Transfers (移送) to discipline and supervision, the procuratorate, the police: strict clocks, no roll.

Two write the report, the head decides in three days, an approved one is on its way within 24 hours; who
refuses to file is asked again. A fine never stands in for a transfer. Source:
行政执法机关移送涉嫌犯罪案件的规定 Art.5-12.
"""

from __future__ import annotations

from typing import Any

from rules.procedures.fault import FaultStage
from rules.refusals import Refusal
from schemas.fault_acts import (
    ConcludeTransfer,
    HandItems,
    ProposeTransfer,
    ReceiptTransfer,
    ReconsiderTransfer,
    RuleTransfer,
    SendTransfer,
    TransferResult,
)
from schemas.fault_measures import Transfer, TransferStatus
from schemas.fault_rules import TransferKind
from schemas.profile import Role
from workflows.fault_matter import SENT_UP, FaultMatter
from workflows.matter import act

T = TransferStatus


class FaultTransfers(FaultMatter):
    """What goes to another organ, and what comes back."""

    @act
    def propose_transfer(self, message: ProposeTransfer) -> None:
        """提请移送: at least two write the report; the head has three days."""
        kind = self._kind(message.kind)
        if message.organ not in kind.organs:
            organs = "、".join(kind.organs)
            raise Refusal("wrong_receiver", kind=kind.code, organs=organs, organ=message.organ)
        writers = {*self.state.team, *self.desk}
        if message.with_officer not in writers - {message.officer}:
            raise Refusal("two_needed")
        transfer = Transfer(
            ref=f"T{len(self.state.transfers) + 1}",
            kind=kind.code,
            organ=message.organ,
            status=T.PROPOSED,
            proposed_by=(message.officer, message.with_officer),
            whole=message.whole,
        )
        self.set(transfers=(*self.state.transfers, transfer))
        self.start_step("transfer_ruling", ref=_ref(transfer, "ruling"), owner=self.holder_of(Role.HEAD))
        self._write("transfer_proposed", transfer)

    @act
    def rule_transfer(self, message: RuleTransfer) -> None:
        """移送审批: approved, or refused with a recorded reason."""
        transfer = self._transfer(message.ref, T.PROPOSED)
        self.stop_step(_ref(transfer, "ruling"))
        transfer = self._move(transfer, T.APPROVED if message.approve else T.REFUSED)
        if message.approve:
            self.start_step("transfer_sending", ref=_ref(transfer, "sending"))
        self._write("transfer_approved" if message.approve else "transfer_refused", transfer)

    @act
    def send_transfer(self, message: SendTransfer) -> None:
        """移送: within 24 hours of the approval, with the digests of everything that goes."""
        transfer = self._transfer(message.ref, T.APPROVED)
        if not message.package:
            raise Refusal("package_needed")
        self.stop_step(_ref(transfer, "sending"))
        transfer = self._move(transfer, T.SENT, package=message.package)
        self._write("transfer_sent", transfer, package=list(message.package))

    @act
    def receipt_transfer(self, message: ReceiptTransfer) -> None:
        """移送回执: who takes it signs; a lead that was sent up has left the house with it."""
        transfer = self._transfer(message.ref, T.SENT)
        if not message.receipt.strip():
            raise Refusal("receipt_needed")
        transfer = self._move(transfer, T.RECEIPTED, receipt=message.receipt)
        if transfer.kind == SENT_UP:
            self.stop_all(self.at)
            self.set(state=FaultStage.TRANSFERRED)
        elif self._kind(transfer.kind).reconsidered:
            self.start_step("transfer_answer", ref=_ref(transfer, "answer"))
        self._write("transfer_receipted", transfer, receipt=message.receipt)

    @act
    def transfer_result(self, message: TransferResult) -> None:
        """移送结果: filed there, then the items follow; not filed, then they are asked again."""
        transfer = self._transfer(message.ref, T.RECEIPTED, T.RECONSIDERED)
        if not message.document.strip():
            raise Refusal("document_required")
        self.stop_step(_ref(transfer, "answer"))
        transfer = self._move(transfer, T.FILED if message.filed else T.NOT_FILED)
        if self._kind(transfer.kind).reconsidered:
            if message.filed:
                self.start_step("transfer_items", ref=_ref(transfer, "items"))
            elif not transfer.asked_again:
                self.start_step("transfer_reconsideration", ref=_ref(transfer, "reconsideration"))
        self._write("transfer_result", transfer, filed=message.filed, document=message.document)

    @act
    def reconsider_transfer(self, message: ReconsiderTransfer) -> None:
        """提请复议: once, within three days of the refusal to file."""
        transfer = self._transfer(message.ref, T.NOT_FILED)
        if not self._kind(transfer.kind).reconsidered:
            raise Refusal("not_reconsidered", organ=transfer.organ)
        if transfer.asked_again:
            raise Refusal("reconsidered_before", ref=transfer.ref)
        self.stop_step(_ref(transfer, "reconsideration"))
        transfer = self._move(transfer, T.RECONSIDERED, asked_again=True)
        self.start_step("transfer_answer", ref=_ref(transfer, "answer"))
        self._write("transfer_reconsidered", transfer)

    @act
    def hand_items(self, message: HandItems) -> None:
        """移交物品: within three days of the filing."""
        transfer = self._transfer(message.ref, T.FILED)
        if not message.receipt.strip():
            raise Refusal("receipt_needed")
        self.stop_step(_ref(transfer, "items"))
        transfer = self._move(transfer, T.FILED, items_handed=True)
        self._write("transfer_items_handed", transfer, receipt=message.receipt)

    @act
    def conclude_transfer(self, message: ConcludeTransfer) -> None:
        """移送办结: where the whole case was filed elsewhere, it ends here."""
        transfer = self._transfer(message.ref, T.FILED, T.NOT_FILED)
        filed = transfer.status is T.FILED
        if filed and self._kind(transfer.kind).reconsidered and not transfer.items_handed:
            raise Refusal("receipt_needed")
        self.stop_step(_ref(transfer, "reconsideration"))
        transfer = self._move(transfer, T.CONCLUDED)
        if filed and transfer.whole:
            self._end_here(transfer)
        self._write("transfer_concluded", transfer, filed=filed)

    def _end_here(self, transfer: Transfer) -> None:
        others = [each.ref for each in self.state.transfers if each.status not in (T.CONCLUDED, T.REFUSED)]
        if others:
            raise Refusal("transfer_open", refs="、".join(others))
        self.stop_all(self.at)
        self.set(state=FaultStage.TRANSFERRED)

    # -- one transfer ---------------------------------------------------------------------

    def _kind(self, code: str) -> TransferKind:
        found = next((each for each in self.faults.transfers if each.code == code), None)
        if found is None:
            raise Refusal("unknown_kind", kind=code)
        return found

    def _transfer(self, ref: str, *statuses: TransferStatus) -> Transfer:
        found = next((each for each in self.state.transfers if each.ref == ref), None)
        if found is None:
            raise Refusal("unknown_transfer", ref=ref)
        if found.status not in statuses:
            raise Refusal("transfer_state", ref=ref, status=found.status.value)
        return found

    def _move(self, transfer: Transfer, status: TransferStatus, **changes: Any) -> Transfer:
        moved = transfer.model_copy(update={"status": status, **changes})
        self.set(transfers=tuple(moved if t.ref == moved.ref else t for t in self.state.transfers))
        return moved

    def _write(self, kind: str, transfer: Transfer, **facts: Any) -> None:
        about: dict[str, Any] = {"ref": transfer.ref, "transfer": transfer.kind, "organ": transfer.organ}
        self.write(kind, **about, status=transfer.status.value, **facts)


def _ref(transfer: Transfer, step: str) -> str:
    return f"transfer/{transfer.ref}/{step}"

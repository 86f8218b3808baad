"""Sealed values of a review (密封): kept from everybody until the sale has ended and two people open them.

The matter holds digest and ciphertext. It never opens anything itself: it decides, on record, whether a value
is released, and to whom; the client opens on the strength of that entry alone (`starter.sealed_values`).
Source: 招标拍卖挂牌出让国有建设用地使用权规定 Art.10 (底价保密至结束); two people are a rule of the product.
"""

from __future__ import annotations

from rules.refusals import Refusal
from schemas.review import EndSale, ReviewState, Seal, Unseal
from schemas.review_rules import MatterType
from schemas.sealed import SealedValue
from workflows.collective import Collective
from workflows.matter import act


class Sealing(Collective[ReviewState]):
    """The acts around a sealed value."""

    def types_of_matter(self) -> tuple[MatterType, ...]:
        """The types of matter that this review decides."""
        raise NotImplementedError

    @property
    def to_seal(self) -> tuple[str, ...]:
        """Names of the values that have to be sealed here."""
        return tuple(each.sealed for each in self.types_of_matter() if each.sealed)

    def sealed_value(self, name: str) -> SealedValue:
        """The sealed value of this name. Raises Refusal."""
        for value in self.state.sealed:
            if value.name == name:
                return value
        raise Refusal("not_sealed", name=name)

    def check_sealed(self) -> None:
        """Refuse a resolution whose value is not fixed yet."""
        known = {value.name for value in self.state.sealed}
        for name in self.to_seal:
            if name not in known:
                raise Refusal("seal_missing", name=name)

    @act
    def seal(self, message: Seal) -> None:
        """密封: digest and ciphertext, and the two who may open it together."""
        name = message.value.name
        if name not in self.to_seal:
            raise Refusal("unknown_value", name=name)
        if any(value.name == name for value in self.state.sealed):
            raise Refusal("sealed_already", name=name)
        self._check_custodians(message.custodians)
        self.set(sealed=(*self.state.sealed, message.value), custodians=message.custodians)
        self.write("sealed", values=[message.value.model_dump()], custodians=list(message.custodians))

    def _check_custodians(self, custodians: tuple[str, str]) -> None:
        if custodians[0] == custodians[1]:
            raise Refusal("two_custodians")
        staff = {who for post in self.rules.posts for who in (post.a, post.b)}
        for officer in custodians:
            if officer not in staff:
                raise Refusal("unknown_officer", officer=officer)

    @act
    def end_sale(self, message: EndSale) -> None:
        """交易结束: from now on the two may open what was sealed for it."""
        if not self.state.sealed:
            raise Refusal("not_sealed", name="、".join(self.to_seal) or "-")
        if self.state.sale:
            raise Refusal("sale_over", document=self.state.sale)
        self.set(sale=message.document)
        self.write("sale_ended", document=message.document, notify=self.state.custodians)

    @act
    def unseal(self, message: Unseal) -> None:
        """启封: the first asks, the second opens; whoever of the two reads it later does so on record too."""
        value = self.sealed_value(message.what)
        if not self.state.sale:
            raise Refusal("sale_not_ended")
        first = self.state.unsealing
        if not self.state.opened and first is None:
            self.set(unsealing=message.officer)
            self.write("unseal_begun", name=value.name, notify=self.state.custodians)
            return
        if not self.state.opened and first == message.officer:
            raise Refusal("second_person", officer=message.officer)
        self.set(opened=True)
        self.write("unsealed", name=value.name, released=[value.digest])

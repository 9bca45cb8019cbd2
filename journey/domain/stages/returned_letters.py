"""Letters that came back 退信: whoever was to be served is served in another way, by hand or to another address."""

from journey.domain.asking import call, met_by
from journey.domain.facts import Facts
from journey.domain.items import Anchor
from journey.domain.letters import proofs_for, returned
from journey.domain.numbers.letter import LetterNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import ItemKind, Role


@rule("letter.serve-otherwise", zh="退信后上门送达", asks="A022 C1", since="2026.3")
def serve_otherwise(j: Facts, n: LetterNumbers) -> Items:
    """A letter that came back serves nobody: the keeper goes there, has it signed for, or finds the right address."""
    for event, rule_id, occurrence in returned(j):
        anchor = j.anchor(event)
        owner = event.person or occurrence.rsplit("/", 1)[-1]
        yield call(
            j.episode, anchor, j.after(anchor, n.returned.within), n.returned, by=Role.KEEPER, kind=ItemKind.VISIT,
            occurrence=event.id, met=met_by(_served_since(j, rule_id, occurrence, owner, anchor)),
            params={"person": owner, "letter": rule_id},
        )  # fmt: skip


def _served_since(j: Facts, rule_id: str, occurrence: str, owner: str, back: Anchor) -> Anchor | None:
    """The proof that came after the letter did, whatever the way."""
    return next((proof for proof in proofs_for(j, rule_id, occurrence, owner) if proof.on >= back.on), None)

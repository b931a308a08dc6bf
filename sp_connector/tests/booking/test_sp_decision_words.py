"""Each code of a decision has its sentence, and no sentence is left without a code."""

from ...engine.books import autopost, decide
from ...engine.books.tax_rows import WHY
from ...engine.cost.stock import HOLDS
from ...models.meaning.category_labels import REASONS
from ...models.settlement.states import HOLD_LABELS
from ..common import SpCase

CODES = {
    *decide.PROOF,
    *decide.MAPPING,
    *decide.TAX,
    *HOLDS,
    *decide.BOOKING,
    *decide.NOTES,
    *autopost.CODES,
}


class TestSpDecisionWords(SpCase):
    def test_every_code_is_said(self):
        said = {name for name in dir(self.env["sp.decision.words"]) if name.startswith("_say_")}
        self.assertEqual(said, {f"_say_{code}" for code in CODES})

    def test_every_reason_to_hold_has_a_name_to_sort_by(self):
        holds = (*decide.PROOF, *decide.MAPPING, *decide.TAX, *HOLDS, *decide.BOOKING)
        self.assertEqual([code for code, _label in HOLD_LABELS], list(holds))

    def test_every_reason_is_said(self):
        self.assertEqual(set(REASONS), set(WHY))

    def test_sentences_come_in_the_order_of_the_findings(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        texts = settlement._say([decide.Finding("no_date"), decide.Finding("no_journal")])
        self.assertEqual(len(texts), 2)
        self.assertIn("no date", texts[0])
        self.assertIn("No journal", texts[1])

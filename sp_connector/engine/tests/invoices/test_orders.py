"""What of a settlement is owed on invoices, and what does not equal them."""

import unittest
from decimal import Decimal

from ...books.autopost import CAUTIONS
from ...books.decide import ToInvoices
from ...books.entry import Target
from ...books.findings import dump, load
from ...books.mapping import Rule
from ...invoices.orders import Amount, Invoice, assign, is_on, side, sides
from ..books.test_decide import JANUARY, PRICE, RULES, TAX, TWO_MONTHS, line, settle

PROMOTION = ("Order", "Promotion", "Principal")
REFUND = ("Refund", "ItemPrice", "Principal")
WITHHELD = ("Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal")
SALE = line(key="sale")
BACK = line("refunds", key="back", words=REFUND)
ALL = Target("debtors", "buyer")
ALL_BACK = ALL._replace(is_refund=True)


def invoice(key, total, *orders, **values):
    values = {"is_refund": False, "account": "debtors", "partner": "buyer"} | values
    total = None if total is None else Decimal(total)
    values.setdefault("open", total or Decimal(0))
    return Invoice(key, orders, total=total, **values)


def credit_note(*args, **values):
    return invoice(*args, is_refund=True, **values)


def amount(order, value, of=SALE):
    return Amount(of, order, Decimal(value))


def found(amounts, invoices):
    """(what goes where by line, [(code, values)])."""
    result = assign(amounts, invoices)
    assert load(dump(result.notes)) == result.notes
    return result.moved, {note.code: note.values for note in result.notes}


class TestSide(unittest.TestCase):
    def test_prices_their_discounts_and_their_tax_are_invoiced(self):
        self.assertIs(side(line(words=PRICE)), False)
        self.assertIs(side(line("sales_tax", words=TAX)), False)
        self.assertIs(side(line("promotions", words=PROMOTION)), False)
        self.assertIs(side(BACK), True)
        self.assertIs(side(line("sales_tax", words=("Refund", "ItemPrice", "Tax"))), True)

    def test_what_is_between_seller_and_amazon_is_not(self):
        fee = line("selling_fees", words=("Order", "ItemFees", "Commission"))
        other = line("sales", words=("other-transaction", "other-transaction", "Adjustment"))
        regulatory = line("sales_tax", words=("Order", "ItemPrice", "RegulatoryFee"))
        kept = line("marketplace_withheld_tax", words=WITHHELD, tax_form="withheld")
        for one in (fee, other, regulatory, kept):
            self.assertIsNone(side(one), one.words)
        self.assertIs(side(kept._replace(tax_form="partly")), False)


class TestSides(unittest.TestCase):
    def test_an_order_is_on_invoices_of_its_side_and_its_kept_tax_where_they_have_tax(self):
        made = [
            invoice(1, "10", "A", "B", is_taxed=False),
            invoice(2, "10", "B", "C"),
            credit_note(3, "4", "A", is_taxed=False),
        ]
        found = sides(made)
        self.assertEqual(
            found, {"A": {False: True, True: False}, "B": {False: True}, "C": {False: True}}
        )
        kept = line("sales_tax", words=TAX, tax_form="withheld")
        kept_back = kept._replace(words=("Refund", "ItemPrice", "Tax"))
        fee = line("selling_fees", words=("Order", "ItemFees", "Commission"))
        on = [one for one in (SALE, BACK, kept, kept_back, fee) if is_on(found["A"], one)]
        self.assertEqual(on, [SALE, BACK, kept])
        self.assertEqual([one for one in (SALE, BACK) if is_on(found["B"], one)], [SALE])
        self.assertFalse(is_on({}, SALE))


class TestAssign(unittest.TestCase):
    def test_orders_that_equal_their_invoices_share_an_item(self):
        moved, notes = found(
            [amount("A", "10"), amount("B", "20"), amount("C", "5")],
            [invoice(1, "10", "A"), invoice(2, "20", "B")],
        )
        self.assertEqual(moved, {"sale": {ALL: Decimal(30)}})
        self.assertEqual(notes, {"to_invoices": {"orders": 2, "amount": Decimal(30)}})

    def test_one_that_differs_has_an_item_of_its_own_and_is_said(self):
        moved, notes = found(
            [amount("A", "10"), amount("B", "21")], [invoice(1, "10", "A"), invoice(2, "20", "B")]
        )
        self.assertEqual(moved, {"sale": {ALL: Decimal(10), ALL._replace(group="B"): Decimal(21)}})
        self.assertEqual(
            notes["invoice_differences"]["differences"],
            (("B", 1, Decimal(21), Decimal(20), False),),
        )

    def test_an_order_on_two_invoices_and_an_invoice_of_two_orders(self):
        two = [invoice(1, "4", "A"), invoice(2, "6", "A")]
        self.assertEqual(found([amount("A", "10")], two)[0], {"sale": {ALL: Decimal(10)}})
        summary = [invoice(1, "30", "A", "B")]
        both = [amount("A", "10"), amount("B", "20")]
        self.assertEqual(found(both, summary)[0], {"sale": {ALL: Decimal(30)}})
        moved, notes = found(both[:1], summary)  # the other comes with the next settlement
        self.assertEqual(moved, {"sale": {ALL._replace(group="A"): Decimal(10)}})
        (difference,) = notes["invoice_differences"]["differences"]
        self.assertEqual(difference, ("A", 2, Decimal(10), Decimal(30), False))

    def test_refunds_go_to_credit_notes_alone(self):
        amounts = [amount("A", "10"), amount("A", "-4", BACK)]
        self.assertEqual(found(amounts, [invoice(1, "10", "A")])[0], {"sale": {ALL: Decimal(10)}})
        self.assertEqual(
            found(amounts, [invoice(1, "10", "A"), credit_note(2, "4", "A")])[0],
            {"sale": {ALL: Decimal(10)}, "back": {ALL_BACK: Decimal(-4)}},
        )

    def test_kept_tax_goes_to_an_invoice_that_has_it(self):
        tax = line("sales_tax", key="tax", words=TAX, tax_form="withheld")
        amounts = [amount("A", "10"), amount("A", "2", tax)]
        with_tax = found(amounts, [invoice(1, "12", "A")])[0]
        self.assertEqual(with_tax, {"sale": {ALL: Decimal(10)}, "tax": {ALL: Decimal(2)}})
        without = found(amounts, [invoice(1, "10", "A", is_taxed=False)])[0]
        self.assertEqual(without, {"sale": {ALL: Decimal(10)}})

    def test_another_currency_or_customer_is_never_taken_for_equal(self):
        alone = {"sale": {ALL._replace(group="A"): Decimal(10)}}
        moved, notes = found([amount("A", "10")], [invoice(1, None, "A")])
        self.assertEqual(moved, alone)
        self.assertIsNone(notes["invoice_differences"]["differences"][0].invoiced)
        two = [invoice(1, "4", "A"), invoice(2, "6", "A", partner="other")]
        self.assertEqual(found([amount("A", "10")], two)[0], alone)

    def test_what_was_taken_back_does_not_count_beside_what_stands(self):
        wrong = invoice(1, "12", "A", open=Decimal(0), credited=Decimal(12))
        moved, notes = found([amount("A", "10")], [wrong, invoice(2, "10", "A")])
        self.assertEqual(moved, {"sale": {ALL._replace(group="A"): Decimal(10)}})
        self.assertEqual(set(notes), {"to_invoices"})

    def test_an_invoice_that_was_credited_has_an_item_of_its_own(self):
        both = [
            invoice(1, "10", "A", credited=Decimal(10)),
            credit_note(2, "10", "A", credited=Decimal(10)),
        ]
        moved, notes = found([amount("A", "10"), amount("A", "-10", BACK)], both)
        targets = [ALL._replace(group="A"), ALL_BACK._replace(group="A")]
        self.assertEqual(
            moved, {"sale": {targets[0]: Decimal(10)}, "back": {targets[1]: Decimal(-10)}}
        )
        self.assertNotIn("invoice_differences", notes)

    def test_what_was_paid_already_is_said(self):
        _moved, notes = found([amount("A", "10")], [invoice(1, "10", "A", open=Decimal(4))])
        self.assertEqual(notes["invoice_paid"], {"count": 1, "amount": Decimal(6)})


class TestDecision(unittest.TestCase):
    def decide(self, moved, *lines, **options):
        facts = {"to_invoices": lambda: ToInvoices(moved)}
        return settle(*lines, **facts, **options)

    def items(self, decision):
        self.assertEqual(decision.holds, ())
        self.assertTrue(decision.plan.proved)
        return [
            [(item.account, item.balance) for item in part.items] for part in decision.plan.parts
        ]

    def test_a_line_is_split_and_the_payout_stays(self):
        decision = self.decide({"sale": {ALL: Decimal(8)}}, line(key="sale"))
        self.assertEqual(
            self.items(decision),
            [[("income", Decimal(-2)), ("debtors", Decimal(-8)), ("clearing", Decimal(10))]],
        )
        item = decision.plan.parts[0].items[1]
        self.assertEqual((item.target, item.line_keys, item.taxes), (ALL, ("sale",), ()))

    def test_each_month_owes_its_own(self):
        lines = [line(key="sale"), line(key="old", month=JANUARY)]
        moved = {"sale": {ALL: Decimal(10)}, "old": {ALL: Decimal(10)}}
        decision = self.decide(moved, *lines, calendar=TWO_MONTHS)
        self.assertEqual(
            self.items(decision),
            [
                [("debtors", Decimal(-10)), ("rollover", Decimal(10))],
                [("debtors", Decimal(-10)), ("rollover", Decimal(-10)), ("clearing", Decimal(20))],
            ],
        )

    def test_tax_rows_of_the_rest_are_the_tax_of_the_rest(self):
        rules = (*RULES[:2], Rule("sales", "income", tax_mode="output_on_net", taxes=(20,)))
        rules += (Rule("sales_tax", "tax"),)
        lines = [
            line(key="sale", amount="100", tax_form="net"),
            line("sales_tax", key="tax", amount="20", words=TAX, tax_form="net"),
        ]
        moved = {"sale": {ALL: Decimal(90)}, "tax": {ALL: Decimal(18)}}
        decision = self.decide(moved, *lines, rules=rules)
        first = decision.plan.parts[0].items[0]
        self.assertEqual((first.balance, first.tax_balance), (Decimal(-10), Decimal(-2)))
        self.items(decision)

    def test_a_line_that_is_invoiced_needs_neither_account_nor_tax(self):
        rules = (*RULES[:2], Rule("sales", "income", tax_mode="undecided"))
        for given in (rules, rules[:2]):
            moved = {"sale": {ALL: Decimal(10)}}
            decision = self.decide(moved, line(key="sale"), rules=given, is_registered=True)
            self.assertEqual(decision.holds, ())
            moved = {"sale": {ALL: Decimal(9)}}
            decision = self.decide(moved, line(key="sale"), rules=given, is_registered=True)
            self.assertTrue(decision.holds)

    def test_only_a_draft_stops_automatic_posting(self):
        self.assertIn("invoice_drafts", CAUTIONS)
        self.assertNotIn("to_invoices", CAUTIONS)
        self.assertNotIn("invoice_differences", CAUTIONS)

"""What the form of a settlement says beside its proof: taxes, neighbours, kinds, why an account."""

from lxml import html

from ..common import SpCase

SALE = "Order/ItemPrice/Principal"
FEE = "Order/ItemFees/Commission"
REFUND = "Refund/ItemPrice/Principal"
RESERVE = "other-transaction/other-transaction/Current Reserve Amount"


class TestSettlementForm(SpCase):
    def settle(self, ref, start, end, *rows, **options):
        rows = rows or ((SALE, "100.00"),)
        total = sum(float(amount) for _words, amount in rows)
        data = self.file(
            *rows,
            total=f"{total:.2f}",
            ref=ref,
            settlement_start_date=f"{start} 08:30:00 UTC",
            settlement_end_date=f"{end} 08:30:00 UTC",
        )
        return self.import_file(data, **options)

    # === TAXES === #

    def taxes(self, settlement):
        """The rows of the page, cell by cell."""
        if not settlement.tax_summary:
            return []
        table = html.fromstring(str(settlement.tax_summary))
        return [
            [cell.text.replace("\ufeff", "") for cell in row]
            for row in table.iterfind(".//tbody/tr")
        ]

    def test_net_tax_and_gross_stand_there_before_booking_and_after(self):
        self.map_tax("sales", "output_included", self.make_tax("Out 20", 20.0))
        self.map_tax(
            "selling_fees", "reverse_charge", self.make_tax("RC", 20.0, "purchase", reverse=True)
        )
        settlement = self.settle(
            "1", "01.04.2026", "15.04.2026", (SALE, "120.00"), (FEE, "-10.00"), (RESERVE, "-5.00")
        )
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        expected = [
            ["Out 20", "£\xa0100.00", "£\xa020.00", "£\xa0120.00"],
            ["RC", "£\xa0-10.00", "£\xa00.00", "£\xa0-10.00"],
        ]
        self.assertEqual(self.taxes(settlement), expected)
        self.assertFalse(settlement.move_ids, "nothing is written for it")
        settlement.action_post()
        settlement.invalidate_recordset()
        self.assertEqual(self.taxes(settlement), expected)

    def test_a_name_of_a_tax_is_text(self):
        self.map_tax("sales", "output_included", self.make_tax("<b>20</b>", 20.0))
        settlement = self.settle("1", "01.04.2026", "15.04.2026")
        self.assertEqual(self.taxes(settlement)[0][0], "<b>20</b>")

    # === NEIGHBOURS === #

    def test_the_settlements_before_and_after_are_one_click_away(self):
        first = self.settle("1", "01.04.2026", "15.04.2026")
        third = self.settle("3", "29.04.2026", "13.05.2026")
        second = self.settle("2", "15.04.2026", "29.04.2026")
        self.assertEqual((second.previous_id, second.next_id), (first, third))
        self.assertFalse(first.previous_id | third.next_id)

    def test_what_is_missing_is_said_from_where_it_is_shown(self):
        first = self.settle("1", "01.04.2026", "15.04.2026", (SALE, "9.00"), (RESERVE, "-5.00"))
        third = self.settle("3", "29.04.2026", "13.05.2026")
        self.assertEqual(
            third.chain_problem,
            "The settlement before this one is missing: 04/15/2026 – 04/29/2026.",
        )
        self.assertIn("The settlement after this one is missing", first.chain_problem)
        second = self.settle("2", "15.04.2026", "29.04.2026")
        self.assertIn("held a reserve of £\xa05.00, and this one", second.chain_problem)

    # === LINES === #

    def test_each_line_says_of_what_kind_its_money_is(self):
        settlement = self.settle(
            "1", "01.04.2026", "15.04.2026",
            (SALE, "20.00"), (REFUND, "-5.00"), (FEE, "-3.00"), (RESERVE, "-2.00"),
            ("Order/Nobody/Knows", "1.00"),
        )  # fmt: skip
        sums = {}
        for line in settlement.line_ids:
            sums[line.kind] = sums.get(line.kind, 0) + line.amount
        self.assertEqual(
            sums,
            {"income": 20, "refunds": -5, "fees": -3, "balances": -2, "undecided": 1},
        )

    def test_why_this_account_is_one_sentence_with_a_link(self):
        settlement = self.settle("1", "01.04.2026", "15.04.2026")
        action = settlement.line_ids.action_view_mapping()
        self.assertEqual(action["tag"], "display_notification")
        message = action["params"]["message"]
        self.assertIn("«Order / ItemPrice / Principal» means Sales (These very words)", message)
        self.assertIn(self.account_of("sales").display_name, message)
        (link,) = action["params"]["links"]
        self.assertTrue(link["url"].endswith(f"/{settlement.line_ids.mapping_id.id}"))

    def test_a_bookkeeper_writes_and_plans_beside_it(self):
        """It is read-only for people: the chatter is not."""
        settlement = self.settle("1", "01.04.2026", "15.04.2026")
        said = "Asked Amazon"
        settlement.message_post(body=said)
        settlement.activity_schedule("mail.mail_activity_data_todo", user_id=self.manager.id)
        self.assertIn(said, settlement.message_ids[0].body)
        self.assertEqual(settlement.activity_ids.user_id, self.manager)

"""Words that nobody knows: what is suggested, taken over, taken back, and the list of all."""

from odoo.exceptions import UserError
from odoo.tests import Form

from ..common import MANAGER, SpCase

WORDS = "MoonFees/MoonFees/Robot Storage Surcharge"


class TestSpWord(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = (
            cls.import_file(
                cls.file(
                    ("Order/ItemPrice/Principal", "24.00"),
                    (WORDS, "-4.00"),
                    ("MoonFees/MoonFees/TeleportFee", teleport),
                    total=total,
                    ref=ref,
                )
            )
            for ref, teleport, total in (("41", "0.00", "20.00"), ("42", "-1.00", "19.00"))
        )
        cls.as_manager = cls.root_env(user=cls.manager)

    def line(self, settlement, words=WORDS):
        found = settlement.line_ids.filtered(lambda line: "/".join(line._triple()) == words)
        return found.with_env(self.as_manager)

    def test_a_line_says_what_is_suggested_where_it_goes_and_why(self):
        line = self.line(self.one)
        self.assertEqual(line.suggested_category, "storage_fees")
        account = self.account_of("storage_fees")
        for text in ("Storage fees", account.display_name, "«storage»", "The sign of the money"):
            self.assertIn(text, line.suggestion)
        teleport = self.line(self.two, "MoonFees/MoonFees/TeleportFee")
        self.assertFalse(teleport.suggested_category or teleport.suggestion)
        sales = self.line(self.one, "Order/ItemPrice/Principal")
        self.assertFalse(sales.suggested_category or sales.suggestion or sales.is_own_answer)

    def test_one_click_takes_it_over_and_all_that_wait_move_on(self):
        self.assertEqual((self.one | self.two).mapped("state"), ["held", "held"])
        answer = self.line(self.one).action_accept_suggestion()
        self.assertIn("Storage fees", answer["params"]["message"])
        rule = self.line(self.one).rule_id
        self.assertEqual((rule.company_id, rule.category), (self.company, "storage_fees"))
        self.assertEqual((rule.create_uid, rule.evidence), (self.manager, "own"))
        self.assertIn("«storage»", rule.name)
        self.assertEqual(self.one.state, "review")
        self.assertEqual(self.line(self.two).category, "storage_fees")
        self.assertEqual(self.two.state, "held")  # for its other words
        # They are of a family that the company alone knows now.
        self.assertEqual(
            self.line(self.two, "MoonFees/MoonFees/TeleportFee").suggested_category, "storage_fees"
        )

    def test_it_can_be_taken_back_until_something_is_booked(self):
        line = self.line(self.one)
        line.action_accept_suggestion()
        self.assertTrue(line.is_own_answer)
        line.action_forget_words()
        self.assertEqual((self.one.state, line.category), ("held", "unknown"))
        line.action_accept_suggestion()
        self.one.action_book()
        self.assertFalse(line.is_own_answer)
        with self.assertRaises(UserError):
            line.action_forget_words()
        with self.assertRaises(UserError):  # a shipped rule is nobody's to take back
            self.line(self.two, "Order/ItemPrice/Principal").action_forget_words()

    def test_managers_of_the_company_alone_take_over(self):
        line = self.line(self.one)
        self.assertDenied(line.with_user(self.bookkeeper).action_accept_suggestion)
        stranger = self.make_user("stranger", MANAGER, self.make_company("Elsewhere Ltd"))
        self.assertDenied(line.with_user(stranger).action_accept_suggestion)
        line.action_accept_suggestion()
        self.assertDenied(line.with_user(self.bookkeeper).action_forget_words)
        self.assertDenied(line.with_user(stranger).action_forget_words)
        self.assertFalse(self.as_manager["sp.word"].with_user(stranger).search([]))

    def test_the_dialog_comes_with_the_suggestion_and_explains_the_category(self):
        line = self.line(self.one)
        action = line.action_map_words()
        rules = self.as_manager["sp.category.rule"].with_context(**action["context"])
        with Form(rules) as form:
            self.assertEqual(form.category, "storage_fees")
            self.assertIn("«storage»", form.suggestion)
            self.assertIn(self.account_of("storage_fees").display_name, form.category_help)
            form.category = "carried_balance"
            self.assertIn("it must fit the settlement before", form.category_help)
            form.category = "other"
            self.assertIn("No account yet", form.category_help)
            form.category = "fba_fees"
        self.assertEqual(line.category, "fba_fees")
        # Pressed again, it opens what was said.
        self.assertEqual(line.action_map_words()["res_id"], line.rule_id.id)
        self.assertFalse(line.rule_id.suggestion)

    def test_a_balance_between_months_is_no_meaning_of_words(self):
        offered = dict(self.as_manager["sp.category.rule"]._selection_category())
        self.assertLessEqual({"storage_fees", "carried_balance"}, set(offered))
        self.assertFalse({"rollover", "deposit", "unknown"} & set(offered))

    def test_all_words_ever_met_are_listed(self):
        self.line(self.one).action_accept_suggestion()
        found = {
            word.amount_description: word
            for word in self.env["sp.word"].search([("company_id", "=", self.company.id)])
        }
        word = found["Robot Storage Surcharge"]
        self.assertEqual((word.category, word.origin), ("storage_fees", "own"))
        self.assertEqual((word.settlement_count, word.row_count, word.amount), (2, 2, -8.0))
        self.assertEqual(word.account_id, self.account_of("storage_fees"))
        self.assertEqual(
            (word.date_first, word.currency_id), (self.one.date_start.date(), self.one.currency_id)
        )
        self.assertEqual(word.date_last, self.two.date_end.date())
        self.assertEqual(found["Principal"].origin, "shipped")
        teleport = found["TeleportFee"]
        self.assertEqual((teleport.category, teleport.origin), ("unknown", "none"))
        self.assertFalse(teleport.account_id)
        lines = self.env["sp.settlement.line"].search(word.action_view_lines()["domain"])
        self.assertEqual(lines.settlement_id, self.one | self.two)
        action = word.with_env(self.as_manager).action_map_words()
        self.assertEqual(action["res_id"], self.line(self.one).rule_id.id)

    def test_what_arrives_late_does_not_say_what_holds_now(self):
        self.line(self.one).action_accept_suggestion()
        late = self.import_file(
            self.file(
                (WORDS, "-4.00"),
                total="-4.00",
                ref="40",
                settlement_start_date="2025-01-01 00:00:00 UTC",
                settlement_end_date="2025-01-14 00:00:00 UTC",
            )
        )
        late.action_post()
        self.line(self.one).rule_id.category = "fba_fees"
        (self.one | self.two).sudo()._check()
        self.env.flush_all()
        (word,) = self.env["sp.word"].search(
            [("company_id", "=", self.company.id), ("amount_description", "ilike", "robot")]
        )
        self.assertEqual((word.category, word.amount), ("fba_fees", -12.0))
        self.assertEqual(word.account_id, self.account_of("fba_fees"))
        self.assertEqual(word.date_first, late.date_start.date())

    def test_each_company_and_currency_has_its_own_sums(self):
        other = self.make_company("Elsewhere Ltd")
        self.set_up_accounts(other)
        data = {
            currency: self.file(
                (WORDS, "-5.00"), total="-5.00", ref=f"9{number}", currency=currency
            )
            for number, currency in enumerate(("GBP", "JPY"))
        }
        self.import_file(data["JPY"])
        self.import_file(data["GBP"], company=other, env=self.root_env)
        self.env.flush_all()
        words = self.root_env["sp.word"].search(
            [
                ("amount_description", "=", "Robot Storage Surcharge"),
                ("company_id", "in", (self.company | other).ids),
            ]
        )
        found = {(word.company_id, word.currency_id.name): word.amount for word in words}
        mine = self.company
        self.assertEqual(found, {(mine, "GBP"): -8.0, (mine, "JPY"): -5.0, (other, "GBP"): -5.0})
        self.assertEqual(
            set(self.as_manager["sp.word"].search([]).company_id), {mine}, "the others' are theirs"
        )

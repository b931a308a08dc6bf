"""What a change would do to the books, before it is saved; and booking anew what it touches."""

import random
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..common import MANAGER, SpCase


class TestSpChange(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [("Order/ItemPrice/Principal", "24.00"), ("Order/ItemFees/Commission", "-3.60")]
        cls.waits, cls.posted, cls.other = (
            cls.import_file(cls.file(*made, total=total, ref=ref))
            for ref, made, total in (
                ("51", rows, "20.40"),
                ("52", rows, "20.40"),
                ("53", [("ServiceFee/Subscription Fee/Base fee", "-5.00")], "-5.00"),
            )
        )
        (cls.posted | cls.other).action_post()
        cls.as_manager = cls.root_env(user=cls.manager)
        cls.shop = cls.make_account("Shop")
        cls.sales = cls.as_manager["sp.account.mapping"].search(
            [("company_id", "=", cls.company.id), ("category", "=", "sales")]
        )
        cls.vat = cls.make_tax("VAT 20", 20.0)

    def preview(self, record, vals):
        action = record.action_what_would_change(vals)
        return self.as_manager["sp.change.preview"].browse(action["res_id"])

    def sums(self, preview):
        found = {}
        for line in preview.line_ids:
            name = line.name.split(" ", 1)[-1] if line.kind == "account" else line.name
            found[name] = (line.before, line.after)
        return found

    def ledger(self, settlements):
        """Sums of posted entries that count: {account: balance}, {grid: balance}."""
        self.env.flush_all()
        accounts, grids = {}, {}
        for item in settlements.sudo()._active_moves().line_ids:
            accounts[item.account_id] = accounts.get(item.account_id, 0.0) + item.balance
            for tag in item.tax_tag_ids:
                grids[tag] = grids.get(tag, 0.0) + item.balance
        return {key.display_name: round(amount, 2) for key, amount in (accounts | grids).items()}

    def test_another_account_before_it_is_saved(self):
        account = self.sales.account_id
        preview = self.preview(self.sales, {"account_id": self.shop.id})
        self.assertEqual(self.sales.account_id, account, "nothing is saved")
        self.assertTrue(preview.is_trial)
        self.assertEqual(self.sums(preview), {account.name: (-48.0, 0.0), "Shop": (0.0, -48.0)})
        rows = {row.settlement_id: row for row in preview.settlement_ids}
        self.assertEqual(set(rows), {self.waits, self.posted})
        self.assertEqual(
            [rows[one].is_chosen for one in rows], [rows[one].is_booked for one in rows]
        )
        self.assertEqual(rows[self.posted].moved, 24.0)
        self.assertIn("Of 2 settlements 2", preview.note)

    def test_a_tax_shows_account_and_grid(self):
        preview = self.preview(
            self.sales, {"tax_mode": "output_included", "tax_ids": [Command.set(self.vat.ids)]}
        )
        self.assertEqual(
            self.sums(preview),
            {
                self.sales.account_id.name: (-48.0, -40.0),
                "VAT 20 account": (0.0, -8.0),
                "VAT 20 invoice base": (0.0, -40.0),
                "VAT 20 invoice tax": (0.0, -8.0),
                "VAT 20": (0.0, -40.0),
            },
        )

    def test_what_cannot_be_saved_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "choose the tax"):
            self.preview(self.sales, {"tax_mode": "output_included"})
        self.assertEqual(self.sales.tax_mode, "none")

    def test_words_that_mean_something_else(self):
        rules = self.as_manager["sp.category.rule"]
        vals = {
            "transaction_type": "Order",
            "amount_type": "ItemFees",
            "amount_description": "Commission",
            "category": "advertising",
        }
        preview = self.preview(rules, vals)
        self.assertEqual(
            self.sums(preview),
            {
                self.account_of("selling_fees").name: (7.2, 0.0),
                self.account_of("advertising").name: (0.0, 7.2),
            },
        )
        self.assertFalse(preview.can_save)
        self.assertFalse(rules.search([("company_id", "=", self.company.id)]))
        # Its money has nowhere to go: they would be held.
        preview = self.preview(rules, {**vals, "category": "other"})
        self.assertEqual(len(preview.settlement_ids), 2)
        self.assertIn("Would be held", preview.settlement_ids[0].note)
        self.assertFalse(preview.line_ids)

    def test_the_form_says_of_words_what_the_comparison_says(self):
        self.assertFalse(self.posted.newer_plan_note)
        rule = self.map_words("Order/ItemFees/Commission", "advertising")
        self.env.invalidate_all()
        self.assertIn(self.account_of("advertising").name, self.posted.newer_plan_note)
        (found,) = self.env["sp.change"]._compare_booked(self.posted | self.other)
        self.assertEqual(found.settlement, self.posted)
        rule.unlink()
        self.env.invalidate_all()
        self.assertFalse(self.posted.newer_plan_note)
        self.assertFalse(self.env["sp.change"]._compare_booked(self.posted | self.other))

    def test_saved_and_booked_anew_in_one_step(self):
        before, name = self.ledger(self.posted), self.posted.move_name
        move, clearing = self.posted.move_id, self.posted.sudo()._payout_items()
        preview = self.preview(self.sales, {"account_id": self.shop.id})
        action = preview.action_save_and_rebook()
        lines = self.as_manager["sp.batch"].browse(action["res_id"]).line_ids
        self.assertEqual((lines.settlement_id, lines.state), (self.posted, "done"))
        self.assertEqual(self.sales.account_id, self.shop)
        self.assertEqual(self.posted.state, "posted")
        self.assertBalanced(self.posted)
        after = self.ledger(self.posted)
        changed = {key for key in before | after if before.get(key) != after.get(key)}
        shop = self.shop.with_company(self.company).display_name
        self.assertEqual((changed, after[shop]), ({shop, *(set(before) - set(after))}, -24.0))
        self.assertEqual((move.state, move.name), ("cancel", name), "the number stays")
        self.assertEqual(self.posted.move_id.ref, move.ref)
        self.assertEqual(self.posted.sudo()._payout_items().account_id, clearing.account_id)
        # What waits is booked by the new rule anyhow.
        self.waits.action_book()
        self.assertIn(self.shop, self.waits.move_id.line_ids.account_id)

    def test_it_can_be_left_and_booked_anew_later(self):
        self.preview(self.sales, {"account_id": self.shop.id}).action_save()
        self.assertIn(self.account_of("subscription"), self.other.move_id.line_ids.account_id)
        self.assertNotIn(self.shop, self.posted.move_id.line_ids.account_id)
        action = (
            (self.posted | self.other | self.waits)
            .with_env(self.as_manager)
            .action_what_would_change()
        )
        preview = self.as_manager["sp.change.preview"].browse(action["res_id"])
        self.assertEqual(preview.settlement_ids.settlement_id, self.posted)
        preview.action_rebook()
        self.assertIn(self.shop, self.posted.move_id.line_ids.account_id)
        self.assertFalse(self.env["sp.change"]._compare_booked(self.posted))

    def test_a_tax_s_rate_and_grids_before_they_are_saved_and_after(self):
        self.map_tax("sales", "output_included", self.vat)
        self.posted.with_env(self.as_manager).action_undo()
        self.posted.with_env(self.as_manager).action_post()
        booked = self.as_manager["sp.change.preview"]
        tax = self.vat.with_env(self.as_manager)
        self.assertTrue(tax.sp_is_mapped)
        theirs = tax.with_user(self.bookkeeper)
        self.assertFalse(theirs.sp_is_mapped, "who may not change it is not asked")
        self.assertFalse(self.make_tax("Unused", 5.0).with_env(self.as_manager).sp_is_mapped)
        preview = self.preview(tax, {"amount": 25.0})
        sales, account = self.sales.account_id.name, "VAT 20 account"
        self.assertEqual(self.sums(preview)[sales], (-40.0, -38.4))
        self.assertEqual(self.sums(preview)[account], (-8.0, -9.6))
        self.assertEqual(tax.amount, 20.0, "nothing is saved")
        # A grid alone: the accounts stay.
        line = tax.invoice_repartition_line_ids.filtered(lambda one: one.repartition_type == "tax")
        tag = line.tag_ids.sudo().copy({"name": "Box 1"})
        vals = {
            "invoice_repartition_line_ids": [
                Command.update(line.id, {"tag_ids": [Command.set(tag.ids)]})
            ]
        }
        preview = self.preview(tax, vals)
        self.assertEqual(
            self.sums(preview), {"VAT 20 invoice tax": (-8.0, 0.0), "Box 1": (0.0, -8.0)}
        )
        self.assertEqual(set(preview.settlement_ids.mapped("what")), {"VAT 20 invoice tax → Box 1"})
        preview.action_save()
        self.assertEqual(line.tag_ids, tag)
        found = booked.browse(booked.action_company_wide()["res_id"])
        self.assertEqual(found.settlement_ids.settlement_id, self.posted)
        self.assertEqual(self.sums(found)["Box 1"], (0.0, -4.0))

    def test_all_that_is_booked_is_compared_and_chosen_by_what_changes(self):
        previews = self.as_manager["sp.change.preview"]

        def everything():
            return previews.browse(previews.action_company_wide()["res_id"])

        self.assertIn("None of 2 settlements", everything().note)
        self.waits.with_env(self.as_manager).action_post()
        self.sales.account_id = self.shop
        fees = self.account_of("subscription")
        self.map_category("subscription", self.make_account("Elsewhere", "expense"))
        found = everything()
        whats = {row.settlement_id: row.what for row in found.settlement_ids}
        self.assertEqual(set(whats), {self.waits, self.posted, self.other})
        self.assertEqual(whats[self.waits], whats[self.posted])
        self.assertIn(fees.name, whats[self.other])
        self.assertIn(self.company.name, found.note)
        self.assertTrue(all(found.settlement_ids.mapped("is_chosen")))
        row = found.settlement_ids.filtered(lambda one: one.settlement_id == self.other)
        row.action_choose_alike()
        self.assertEqual(found.settlement_ids.filtered("is_chosen"), row)
        found.action_choose_none()
        with self.assertRaisesRegex(UserError, "Choose at least one"):
            found.action_rebook()
        found.action_choose_all()
        found.action_rebook()
        self.assertIn("None of 3 settlements", everything().note)
        # Of very many the newest first, then the older ones.
        self.sales.account_id = self.account_of("refunds")
        with patch("odoo.addons.sp_connector.wizards.change.sp_change_preview.LIMIT", 2):
            found = everything()
            newest = found.settlement_ids.settlement_id
            self.assertEqual((len(newest), found.older_count), (1, 1))
            self.assertIn("newest 2 were compared; 1 older", found.note)
            found = previews.browse(found.action_view_older()["res_id"])
        self.assertEqual(newest | found.settlement_ids.settlement_id, self.waits | self.posted)
        self.assertEqual(found.older_count, 0)
        self.assertNotIn("were not", found.note)

    def test_it_can_hold_from_a_day_on(self):
        preview = self.preview(self.sales, {"account_id": self.shop.id})
        with self.assertRaises(UserError):
            preview.action_save_from_date()
        preview.date_from = "2030-01-01"
        preview.action_save_from_date()
        self.assertNotEqual(self.sales.account_id, self.shop)
        new = (
            self.sales.search([("company_id", "=", self.company.id), ("category", "=", "sales")])
            - self.sales
        )
        self.assertEqual((new.account_id, str(new.date_from)), (self.shop, "2030-01-01"))
        self.assertFalse(self.env["sp.change"]._compare_booked(self.posted))

    def test_a_bank_match_is_kept_where_the_payout_stays(self):
        bank = self.root_env["account.journal"].create(
            {
                "name": "Bank",
                "code": "SPB",
                "type": "bank",
                "company_id": self.company.id,
                "suspense_account_id": self.make_account("Suspense", "asset_current").id,
            }
        )
        line = self.root_env["account.bank.statement.line"].create(
            {"journal_id": bank.id, "payment_ref": "AMAZON", "amount": 20.4, "date": "2026-02-01"}
        )
        payout = self.posted.sudo()._payout_items().with_env(self.root_env)
        _liquidity, suspense, _other = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.account_id = payout.account_id
        (suspense | payout).reconcile()
        self.assertEqual(self.posted.payment_state, "paid")
        self.preview(self.sales, {"account_id": self.shop.id}).action_save_and_rebook()
        self.assertEqual((self.posted.state, self.posted.payment_state), ("posted", "paid"))
        self.assertTrue(line.is_reconciled)
        # On another clearing account it is not the same payout: the bank line is open again.
        deposit = self.as_manager["sp.account.mapping"].search(
            [("company_id", "=", self.company.id), ("category", "=", "deposit")]
        )
        other = self.make_account("Other clearing", "asset_current", reconcile=True)
        self.preview(deposit, {"account_id": other.id}).action_save_and_rebook()
        self.assertEqual((self.posted.state, self.posted.payment_state), ("posted", "waiting"))
        self.assertFalse(line.is_reconciled)

    def test_what_cannot_be_booked_anew_stays_as_it_is(self):
        name = self.posted.move_name
        self.company.sudo().fiscalyear_lock_date = "2030-12-31"
        preview = self.preview(self.sales, {"account_id": self.shop.id})
        action = preview.action_save_and_rebook()
        line = self.as_manager["sp.batch"].browse(action["res_id"]).line_ids
        self.assertEqual((line.settlement_id, line.state), (self.posted, "failed"))
        self.assertIn("locked", line.message)
        self.assertEqual((self.posted.state, self.posted.move_name), ("posted", name))

    def test_only_who_may_change_it_sees_it_before(self):
        vals = {"account_id": self.shop.id}
        self.assertDenied(self.sales.with_user(self.bookkeeper).action_what_would_change, vals)
        stranger = self.make_user("stranger", MANAGER, self.make_company("Elsewhere Ltd"))
        self.assertDenied(self.sales.with_user(stranger).action_what_would_change, vals)
        self.assertDenied(self.posted.with_user(stranger).action_what_would_change)
        preview = self.preview(self.sales, vals)
        self.assertDenied(preview.with_user(self.bookkeeper).read, ["note"])
        # What is booked in one company is nothing of another's manager.
        theirs = self.env["sp.change.preview"].with_user(stranger)
        found = theirs.browse(theirs.action_company_wide()["res_id"])
        self.assertIn("Nothing is booked", found.note)
        self.assertFalse(found.settlement_ids)

    def test_a_new_rule_s_sums_are_those_of_its_company(self):
        """With several companies switched on it need not be the first of them."""
        other = self.make_company("Lampen KG", "EUR")
        self.manager.company_ids += other
        companies = {"allowed_company_ids": (other | self.company).ids}
        rules = self.as_manager(context=companies)["sp.category.rule"]
        vals = {
            "transaction_type": "Order",
            "amount_type": "ItemFees",
            "amount_description": "Commission",
            "category": "advertising",
        }
        previews = rules.env["sp.change.preview"]
        for company, text in ((self.company, "Of 2 settlements 2"), (other, "No settlement")):
            action = rules.action_what_would_change({**vals, "company_id": company.id})
            preview = previews.browse(action["res_id"])
            self.assertEqual(preview.company_id, company)
            self.assertEqual(preview.company_currency_id, company.currency_id)
            self.assertIn(text, preview.note)

    def foreign_ledger(self, settlements):
        """Sums in the settlements' own currency of what counts: {account: amount}."""
        sums = {}
        for item in settlements.sudo()._active_moves().line_ids:
            amount = Decimal(f"{item.amount_currency:.2f}")
            sums[item.account_id] = sums.get(item.account_id, Decimal()) + amount
        return {account.display_name: amount for account, amount in sums.items() if amount}

    def test_drawn_changes_differ_by_what_was_shown(self):
        """Of any change of the mapping: the ledger's difference is the preview's, to the cent.

        One is in another currency, at a rate that rounds; what is on no account that was shown
        stays in both currencies.
        """
        self.set_rate("EUR", "2026-01-01", 1.2345)
        made = [("Order/ItemPrice/Principal", "99.97"), ("Order/ItemFees/Commission", "-15.03")]
        foreign = self.import_file(self.file(*made, total="84.94", ref="54", currency="EUR"))
        foreign.action_post()
        fee_tax = self.make_tax("Input 20", 20.0, use="purchase")
        reverse = self.make_tax("Reverse", 20.0, use="purchase", reverse=True)
        mappings = self.as_manager["sp.account.mapping"].search(
            [
                ("company_id", "=", self.company.id),
                ("category", "in", ("sales", "selling_fees", "subscription")),
            ]
        )
        booked = self.posted | self.other | foreign
        differing = 0
        for seed in range(8):
            draw = random.Random(seed)
            mapping = draw.choice(mappings)
            is_sale = mapping.category == "sales"
            taxes = (
                [("output_included", self.vat)]
                if is_sale
                else [
                    ("input_included", fee_tax),
                    ("reverse_charge", reverse),
                ]
            )
            mode, tax = draw.choice(taxes)
            vals = draw.choice(
                [
                    {"account_id": self.make_account(f"Drawn {seed}").id},
                    {"tax_mode": mode, "tax_ids": [Command.set(tax.ids)]},
                    {"tax_mode": "none", "tax_ids": [Command.clear()]},
                    {
                        "account_id": self.make_account(f"Drawn {seed}").id,
                        "tax_mode": mode,
                        "tax_ids": [Command.set(tax.ids)],
                    },
                ]
            )
            with self.subTest(seed=seed, category=mapping.category, vals=vals):
                before, own = self.ledger(booked), self.foreign_ledger(foreign)
                preview = self.preview(mapping, vals)
                shown = {}
                for line in preview.detail_ids.filtered(
                    lambda line: line.kind != "tax" and line.settlement_id in booked
                ):
                    amount = Decimal(f"{line.difference:.2f}")
                    shown[line.name] = shown.get(line.name, Decimal()) + amount
                if preview.booked_count:
                    preview.action_save_and_rebook()
                else:
                    preview.action_save()
                after = self.ledger(booked)
                found = {
                    key: Decimal(f"{after.get(key, 0.0) - before.get(key, 0.0):.2f}")
                    for key in before | after
                }
                self.assertEqual(
                    {key: one for key, one in found.items() if one},
                    {key: one for key, one in shown.items() if one},
                )
                now = self.foreign_ledger(foreign)
                moved = {key for key in own | now if own.get(key) != now.get(key)}
                self.assertLessEqual(moved, set(shown))
                self.assertEqual(sum(now.values()), 0)
                self.assertEqual(set(booked.mapped("state")), {"posted"})
                differing += bool(shown)
        self.assertGreater(differing, 4, "most draws change something")

"""What a change would do to the books, before it is saved; and booking anew what it touches."""

import random
from decimal import Decimal

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

    def test_drawn_changes_differ_by_what_was_shown(self):
        """Of any change of the mapping: the ledger's difference is the preview's, to the cent."""
        fee_tax = self.make_tax("Input 20", 20.0, use="purchase")
        mappings = self.as_manager["sp.account.mapping"].search(
            [
                ("company_id", "=", self.company.id),
                ("category", "in", ("sales", "selling_fees", "subscription")),
            ]
        )
        booked = self.posted | self.other
        for seed in range(4):
            draw = random.Random(seed)
            mapping = draw.choice(mappings)
            is_sale = mapping.category == "sales"
            tax = self.vat if is_sale else fee_tax
            mode = "output_included" if is_sale else "input_included"
            vals = draw.choice(
                [
                    {"account_id": self.make_account(f"Drawn {seed}").id},
                    {"tax_mode": mode, "tax_ids": [Command.set(tax.ids)]},
                    {"tax_mode": "none", "tax_ids": [Command.clear()]},
                ]
            )
            with self.subTest(seed=seed, category=mapping.category, vals=vals):
                before = self.ledger(booked)
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
                self.assertEqual(set(booked.mapped("state")), {"posted"})

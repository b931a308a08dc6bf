"""Who changed what the books follow, from what to what, is kept, also of what is gone."""

from odoo.exceptions import UserError
from odoo.fields import Command

from ..common import MANAGER, SpCase

SALE = "Order/ItemPrice/Principal"


class TestSpAudited(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_manager = cls.root_env(user=cls.manager)

    def make_application(self):
        return self.as_manager["sp.application"].create(
            {"name": "Ours", "client_id": "amzn1.x", "application_ref": "amzn1.y"}
        )

    def trail(self, user=None, **values):
        """What a user finds in the audit trail, the newest first."""
        self.env.flush_all()
        self.cr.precommit.run()
        domain = [(name, "=", value) for name, value in values.items()]
        return self.root_env["sp.audit"].with_user(user or self.manager).search(domain)

    def last(self, count=1, user=None):
        """The newest lines as (field, before, after), each of a user."""
        lines = self.trail()[:count]
        self.assertEqual(lines.user_id, user or self.manager)
        self.assertEqual(lines.company_id, self.company)
        return [(line.field_label, line.before, line.after) for line in lines[::-1]]

    def test_a_mapping_from_its_making_to_its_end(self):
        fees, other = (self.make_account(name, "expense") for name in ("Old Fees", "New Fees"))
        mapping = self.map_category("other", fees)
        line = self.trail()[0]
        self.assertEqual((line.kind, line.res_id), ("new", mapping.id))
        self.assertIn("Old Fees", line.after)
        mapping.account_id = other
        ((field, old, new),) = self.last()
        self.assertEqual(field, "Account")
        self.assertRegex(f"{old} → {new}", r"T\d+ Old Fees → T\d+ New Fees")
        before = len(self.trail())
        mapping.account_id = other
        self.assertEqual(len(self.trail()), before, "nothing changed")
        plan = self.root_env["account.analytic.plan"].create({"name": "Shops"})
        shop = self.root_env["account.analytic.account"].create(
            {"name": "Shop", "plan_id": plan.id, "company_id": self.company.id}
        )
        mapping.write({"label": "Mine", "analytic_distribution": {str(shop.id): 60.0}})
        self.assertEqual(
            set(self.last(2)),
            {("Label of the Item", "", "Mine"), ("Analytic Distribution", "", "Shop 60 %")},
        )
        vat = self.make_tax("Input 20", 20.0, use="purchase")
        mapping = self.map_category("selling_fees", fees)
        mapping.write({"tax_mode": "input_included", "tax_ids": [Command.set(vat.ids)]})
        self.assertIn(("Taxes", "", "Input 20"), self.last(2))
        name = mapping.display_name
        mapping.unlink()
        line = self.trail()[0]
        self.assertEqual((line.kind, line.user_id), ("gone", self.manager))
        self.assertIn(name, line.name)
        self.assertIn("Input 20", line.before)
        with self.assertRaisesRegex(UserError, "is gone"):
            line.action_view()

    def test_words_and_skus(self):
        rule = self.map_words("A/B/C", "sales")
        self.assertIn("Category: Sales", self.trail()[0].after)
        rule.category = "refunds"
        self.assertEqual(self.last(), [("Category", "Sales", "Refunds")])
        sku = self.as_manager["sp.sku.rule"].create(
            {"pattern": "BOOK-*", "tax_class": "zero", "company_id": self.company.id}
        )
        self.assertIn("SKU: BOOK-*; Tax Class: Zero rate", self.trail()[0].after)
        sku.tax_class = "reduced"
        self.assertEqual(self.last(), [("Tax Class", "Zero rate", "Reduced rate")])
        sku.unlink()
        self.assertEqual(self.trail()[0].kind, "gone")

    def test_settings_of_company_and_bank(self):
        self.set_booking(time_zone="Europe/London", lock_policy="next_open", last_date="deposit")
        kept = {label: after for label, _before, after in self.last(5)}
        self.assertEqual(kept["A Month Ends In"], "Europe/London")
        self.assertEqual(kept["In a Locked Period"], "Book on the next open day")
        self.assertEqual(kept["Date of the Last Entry"], "The day of the deposit")
        self.assertEqual(kept["Registered for Tax"], "No")
        settings = self.as_manager["sp.bank.settings"].create({"company_id": self.company.id})
        settings.write({"sp_bank_auto": False, "sp_bank_days_after": 0})
        settings.action_save()
        self.assertEqual(
            set(self.last(2)),
            {
                ("Match Amazon's Sure Payouts", "Yes", "No"),
                ("Days After Amazon's Deposit Date", "10", "0"),
            },
        )
        bank = self.root_env["account.journal"].create(
            {"name": "Bank", "code": "SPB", "type": "bank", "company_id": self.company.id}
        )
        line = self.as_manager["sp.bank.journal"].create(
            {
                "company_id": self.company.id,
                "journal_id": bank.id,
                "marketplace_id": self.root_env["sp.marketplace"].search([], limit=1).id,
            }
        )
        self.assertIn("Bank Account: Bank", self.trail()[0].after)
        line.unlink()
        self.assertEqual(self.trail()[0].kind, "gone")

    def test_a_connection_its_marketplaces_and_what_it_does_by_itself(self):
        env = self.as_manager
        application = env["sp.application"].create(
            {"name": "Ours", "client_id": "amzn1.x", "application_ref": "amzn1.y"}
        )
        place = self.root_env["sp.marketplace"].search([("name", "=", "Amazon.co.uk")])
        connection = env["sp.connection"].create(
            {
                "name": "Tea",
                "application_id": application.id,
                "region": "eu",
                "marketplace_id": place.id,
                "company_id": self.company.id,
            }
        )
        self.assertIn("Name: Tea", self.trail(res_model="sp.connection", kind="new").after)
        self.assertEqual(self.trail(res_model="sp.connection", kind="done").mapped("note"), [])
        connection.sudo().state = "disconnected"
        self.assertEqual(self.state_line(connection), ("No Token", "Disconnected"))
        taking_part = self.root_env["sp.connection.marketplace"].create(
            {"connection_id": connection.id, "marketplace_ref": "X", "name": "Amazon.co.uk"}
        )
        journal = self.company.sp_journal_id
        taking_part.with_user(self.manager).write({"journal_id": journal.id, "is_active": True})
        self.assertEqual(
            set(self.last(2)), {("Journal", "", journal.display_name), ("Active", "No", "Yes")}
        )
        policy = env["sp.autopost"].create(
            {"connection_id": connection.id, "company_id": self.company.id}
        )
        # A caller that asks for no tracking is kept no less.
        policy.with_context(tracking_disable=True, mail_notrack=True).mode = "post"
        self.assertEqual([line[1:] for line in self.last()], [("Off", "Post")])
        policy.unlink()
        self.assertEqual(self.trail()[0].kind, "gone")

    def state_line(self, record):
        """The last change of a record's status."""
        line = self.trail(res_model=record._name, res_id=record.id, field_label="State")[0]
        return (line.before, line.after)

    def test_a_settlement_to_its_end_and_beyond(self):
        data = self.file((SALE, "10.00"), total="10.00", ref="8888")
        settlement = self.import_file(data)
        quiet = settlement.with_context(tracking_disable=True, mail_notrack=True)
        quiet.action_post()
        self.assertEqual(self.state_line(settlement), ("To Review", "Posted"))
        number = settlement.move_name
        posted = self.trail(res_model="sp.settlement", kind="done")
        self.assertIn(number, posted[0].note)
        self.assertEqual(posted[0].user_id, self.bookkeeper)
        quiet.action_undo()
        self.assertEqual(self.state_line(settlement), ("Posted", "To Review"))
        self.assertIn(number, self.trail(res_model="sp.settlement", kind="done")[0].note)
        key = settlement.id
        settlement.unlink()
        lines = self.trail(res_model="sp.settlement", res_id=key)
        self.assertEqual((lines[0].kind, lines[0].user_id), ("gone", self.bookkeeper))
        self.assertIn("8888", lines[0].name)
        self.assertGreater(len(lines), 4)

    def test_an_import_of_records_and_a_remote_program_are_kept_as_people_are(self):
        fees = self.make_account("Imported Fees", "expense")
        mapping = self.as_manager["sp.account.mapping"].search(
            [("company_id", "=", self.company.id), ("category", "=", "selling_fees")]
        )
        answer = mapping.load([".id", "account_id/.id"], [[str(mapping.id), str(fees.id)]])
        self.assertFalse(answer["messages"])
        ((field, _old, new),) = self.last()
        self.assertEqual(field, "Account")
        self.manager.group_ids += self.root_env.ref("base.group_allow_export")
        rows = self.trail().export_data(["date", "user_id", "name", "field_label", "after"])
        self.assertIn(new, rows["datas"][0])
        self.assertIn("Imported Fees", new)

    def test_nobody_changes_or_removes_it(self):
        self.map_words("A/B/C", "sales")
        line = self.trail()[0]
        for user in (self.bookkeeper, self.manager):
            own = line.with_user(user)
            for step in (
                lambda own=own: own.create({"kind": "done"}),
                lambda own=own: own.sudo(False).copy(),
            ):
                self.assertDenied(step)
        for step in (lambda: line.write({"user_id": 1}), line.unlink, line.sudo().unlink):
            with self.assertRaisesRegex(UserError, "written once"):
                step()
        # A chatter can be: its author writes the message, and this stays as it is.
        application = self.make_application()
        application.sudo()._message_log(body="Something happened")
        told = self.trail(note="Something happened")
        application.message_ids.filtered(lambda one: "Something" in one.body).unlink()
        self.assertEqual(told.exists(), told)

    def test_of_other_companies_nothing_is_found(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", MANAGER, other)
        self.map_words("A/B/C", "sales")
        settlement = self.import_file(self.file((SALE, "10.00"), total="10.00"))
        settlement.action_post()
        self.set_booking(time_zone="Europe/London")
        self.assertFalse(self.trail(stranger) - self.trail(stranger, company_id=False))
        self.assertFalse(self.trail(stranger, company_id=False).filtered("company_id"))
        self.assertDenied(self.trail()[0].with_user(stranger).read, ["after"])
        self.assertTrue(self.trail(self.bookkeeper))

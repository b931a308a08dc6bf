"""The upload wizard: it looks first, imports then, and leaves no copies behind."""

import io
import zipfile
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError

from ...engine.tests import helpers
from ..common import USER, SpCase

STORED = ("sp.settlement", "sp.settlement.line", "sp.settlement.row", "account.move")


class TestSpSettlementImport(SpCase):
    def upload(self, *files, env=None):
        """The wizard with these files uploaded as the web client does: (name, bytes) each."""
        env = env or self.env
        attachments = env["ir.attachment"].create(
            [
                {"name": name, "raw": data, "res_model": "sp.settlement.import", "res_id": 0}
                for name, data in files
            ]
        )
        return env["sp.settlement.import"].create(
            {"attachment_ids": [Command.set(attachments.ids)]}
        )

    def upload_samples(self, *names):
        return self.upload(*((name, self.sample(name)) for name in names))

    @staticmethod
    def pack(*files):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, data in files:
                archive.writestr(name, data)
        return stream.getvalue()

    def _stored(self):
        self.env.flush_all()
        return {name: self.root_env[name].search_count([]) for name in STORED}

    # === LOOKING === #

    def test_a_look_inside_stores_nothing(self):
        before = self._stored()
        wizard = self.upload_samples("v2_uk_gbp.txt", "v2_unknown_words.txt", "v2_us_usd.txt")
        action = wizard.action_check()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        self.assertEqual(wizard.state, "found")
        self.assertEqual(len(wizard.line_ids), 3)
        self.assertEqual(self._stored(), before)
        self.assertEqual(len(wizard.attachment_ids.exists()), 3)

    def test_a_ready_file_shows_what_is_in_it(self):
        wizard = self.upload_samples("v2_uk_gbp.txt")
        wizard.action_check()
        line = wizard.line_ids
        self.assertEqual(line.file_name, "v2_uk_gbp.txt")
        self.assertEqual(line.status, "new")
        self.assertFalse(line.message)
        self.assertEqual(line.settlement_ref, "99000000101")
        self.assertEqual(line.marketplace_id.name, "Amazon.co.uk")
        self.assertEqual(line.currency_id.name, "GBP")
        self.assertEqual(str(line.date_start), "2026-04-08 08:30:00")
        self.assertEqual(str(line.date_end), "2026-04-22 08:30:00")
        self.assertEqual((line.amount_total, line.amount_difference), (84.75, 0.0))
        self.assertEqual(line.row_count, 28)
        categories = line.categories.replace("\xa0", " ").replace("\ufeff", "").splitlines()
        self.assertIn("Sales: £ 125.00", categories)
        self.assertIn("FBA fees: £ -10.00", categories)
        self.assertIn("Reserve held by Amazon: £ 40.00", categories)
        self.assertFalse(line.settlement_id)

    def test_files_that_will_be_held_say_why(self):
        wizard = self.upload_samples("v2_unknown_words.txt", "v2_does_not_sum.txt")
        wizard.action_check()
        unknown, unproved = wizard.line_ids
        self.assertEqual((unknown.status, unproved.status), ("hold", "hold"))
        self.assertIn("Order / ItemFees / TeleportFee", unknown.message)
        self.assertIn("MoonFees / Moon Storage / Base fee", unknown.message)
        self.assertIn("a difference of", unproved.message)
        self.assertAlmostEqual(unproved.amount_difference, 0.01)
        self.assertEqual(wizard.new_count, 2)

    def test_what_is_stored_is_recognised(self):
        stored = self.import_sample("v2_uk_gbp.txt")
        changed = self.sample("v2_uk_gbp.txt").replace(b"-30.00", b"-31.00")
        wizard = self.upload(
            ("same.txt", self.resaved(self.sample("v2_uk_gbp.txt"))["all"]),
            ("other.txt", changed),
        )
        wizard.action_check()
        same, other = wizard.line_ids
        self.assertEqual((same.status, other.status), ("same", "different"))
        self.assertIn("nothing changes", same.message)
        self.assertIn("sum of rows", other.message)
        self.assertIn("Subscription", other.message)
        self.assertEqual(wizard.line_ids.settlement_id, stored)
        self.assertEqual(wizard.new_count, 0)

    def test_refused_files_each_have_their_own_reason(self):
        names = sorted(path.name for path in helpers.SAMPLES.glob("refused_*"))
        self.assertEqual(len(names), 5)
        wizard = self.upload_samples(*names, "v2_no_total.txt")
        before = self._stored()
        wizard.action_check()
        self.assertEqual(set(wizard.line_ids.mapped("status")), {"refused"})
        self.assertEqual(wizard.line_ids.mapped("file_name"), [*names, "v2_no_total.txt"])
        messages = wizard.line_ids.mapped("message")
        self.assertEqual(len(set(messages)), len(names) + 1)
        reasons = ("date-range", "file is empty", "web page", "XML", "spreadsheet", "no currency")
        for reason in reasons:
            found = [message for message in messages if reason in message]
            self.assertEqual(len(found), 1, reason)
        self.assertEqual(wizard.new_count, 0)
        with self.assertRaisesRegex(UserError, "nothing new"), self.cr.savepoint():
            wizard.action_import()
        self.assertEqual(self._stored(), before)

    def test_a_file_whose_money_has_no_account_will_be_held(self):
        data = self.file(("Order/ItemPrice/ExportCharge", "2.00"), total="2.00")
        wizard = self.upload(("file.txt", data))
        wizard.action_check()
        self.assertEqual(wizard.line_ids.status, "hold")
        self.assertIn("no account for Other", wizard.line_ids.message)
        wizard.action_import()
        self.assertEqual(self.env["sp.settlement"].search([], limit=1).state, "held")

    def test_a_refused_file_does_not_keep_the_others_out(self):
        wizard = self.upload_samples("refused_page.html", "v2_uk_gbp.txt")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("status"), ["refused", "new"])
        self.assertEqual(wizard.new_count, 1)
        action = wizard.action_import()
        self.assertEqual(
            self.env["sp.settlement"].browse(action["res_id"]).settlement_ref, "99000000101"
        )

    def test_a_zip_is_looked_into(self):
        names = ("v2_uk_gbp.txt", "v2_us_usd.txt", "refused_page.html")
        data = self.pack(
            *((f"folder/{name}", self.sample(name)) for name in names),
            ("__MACOSX/._v2_uk_gbp.txt", b"resource fork"),
        )
        wizard = self.upload(("files.zip", data))
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("file_name"), list(names))
        self.assertEqual(wizard.line_ids.mapped("status"), ["new", "hold", "refused"])
        self.assertIn("enter the rate of USD", wizard.line_ids[1].message)
        action = wizard.action_import()
        found = self.env["sp.settlement"].search(action["domain"], order="settlement_ref")
        self.assertEqual(found.mapped("settlement_ref"), ["99000000101", "99000000201"])
        self.assertEqual(found.mapped("attachment_id.name"), ["v2_uk_gbp.txt", "v2_us_usd.txt"])
        self.assertEqual(found[1].attachment_id.raw, self.sample("v2_us_usd.txt"))

    def test_a_damaged_zip_is_refused(self):
        data = self.pack(("v2_uk_gbp.txt", self.sample("v2_uk_gbp.txt")))
        wizard = self.upload(("files.zip", data[: len(data) // 2]))
        wizard.action_check()
        self.assertEqual(wizard.line_ids.status, "refused")
        self.assertIn("damaged", wizard.line_ids.message)

    def test_the_same_settlement_twice_in_one_upload_counts_once(self):
        wizard = self.upload_samples("v2_uk_gbp.txt", "v2_two_settlements.txt")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("status"), ["new", "same", "new"])
        self.assertIn("counts once", wizard.line_ids[1].message)
        self.assertEqual(wizard.new_count, 2)
        action = wizard.action_import()
        self.assertEqual(self.env["sp.settlement"].search_count(action["domain"]), 2)
        self.assertEqual(self._stored()["sp.settlement.row"], 28 + 19)

    def test_two_contents_of_a_settlement_in_one_upload_are_told_apart(self):
        changed = self.sample("v2_uk_gbp.txt").replace(b"-30.00", b"-31.00")
        wizard = self.upload(("a.txt", self.sample("v2_uk_gbp.txt")), ("b.txt", changed))
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("status"), ["new", "different"])
        self.assertIn("otherwise", wizard.line_ids[1].message)
        action = wizard.action_import()
        settlement = self.env["sp.settlement"].browse(action["res_id"])
        self.assertEqual(settlement.attachment_id.name, "a.txt")
        self.assertEqual(settlement.state, "review")

    def test_looking_again_replaces_what_was_found(self):
        wizard = self.upload_samples("v2_uk_gbp.txt")
        wizard.action_check()
        wizard.action_back()
        self.assertEqual(wizard.state, "upload")
        wizard.action_check()
        self.assertEqual(len(wizard.line_ids), 1)

    def test_an_empty_upload_says_what_to_do(self):
        with self.assertRaisesRegex(UserError, "Choose the settlement files"):
            self.env["sp.settlement.import"].create({}).action_check()

    # === IMPORTING === #

    def test_one_settlement_opens_in_its_form(self):
        wizard = self.upload_samples("v2_uk_gbp.txt")
        wizard.action_check()
        action = wizard.action_import()
        self.assertEqual((action["res_model"], action["view_mode"]), ("sp.settlement", "form"))
        settlement = self.env["sp.settlement"].browse(action["res_id"])
        self.assertEqual((settlement.row_count, settlement.state), (28, "review"))
        self.assertEqual(settlement.company_id, self.company)

    def test_several_settlements_open_as_a_list_of_these(self):
        self.import_sample("v2_negative.txt")
        wizard = self.upload_samples("v2_uk_gbp.txt", "v2_uk_gbp_next.txt")
        wizard.action_check()
        action = wizard.action_import()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(set(found.mapped("settlement_ref")), {"99000000101", "99000000102"})

    def test_importing_what_is_stored_says_so(self):
        self.import_sample("v2_uk_gbp.txt")
        wizard = self.upload_samples("v2_uk_gbp.txt")
        wizard.action_check()
        before = self._stored()
        with self.assertRaisesRegex(UserError, "nothing new"), self.cr.savepoint():
            wizard.action_import()
        self.assertEqual(self._stored(), before)

    # === THE UPLOADS === #

    def test_uploads_are_deleted_after_the_import(self):
        wizard = self.upload_samples("v2_uk_gbp.txt", "v2_uk_gbp_next.txt")
        uploads = wizard.attachment_ids
        wizard.action_check()
        self.assertEqual(len(uploads.exists()), 2)
        wizard.action_import()
        self.assertFalse(uploads.exists())
        kept = self.env["sp.settlement"].search([]).attachment_id
        self.assertEqual(sorted(kept.mapped("name")), ["v2_uk_gbp.txt", "v2_uk_gbp_next.txt"])

    def test_a_file_of_another_record_is_read_but_never_deleted(self):
        partner = self.root_env["res.partner"].create({"name": "Accountant"})
        file = self.root_env["ir.attachment"].create(
            {
                "name": "v2_uk_gbp.txt",
                "raw": self.sample("v2_uk_gbp.txt"),
                "res_model": "res.partner",
                "res_id": partner.id,
            }
        )
        wizard = self.env["sp.settlement.import"].create(
            {"attachment_ids": [Command.set(file.ids)]}
        )
        wizard.action_check()
        action = wizard.action_import()
        self.assertTrue(file.exists())
        self.assertEqual((file.res_model, file.res_id), ("res.partner", partner.id))
        settlement = self.env["sp.settlement"].browse(action["res_id"])
        self.assertNotEqual(settlement.attachment_id, file)

    def test_somebody_else_s_upload_is_out_of_reach(self):
        colleague = self.make_user("colleague", USER)
        theirs = self.upload(
            ("v2_uk_gbp.txt", self.sample("v2_uk_gbp.txt")), env=self.env(user=colleague)
        ).attachment_ids
        before = self._stored()

        def look_inside(step):
            wizard = self.env["sp.settlement.import"].create(
                {"attachment_ids": [Command.set(theirs.ids)]}
            )
            getattr(wizard, step)()

        for step in ("action_check", "action_import"):
            self.assertDenied(look_inside, step)
        self.assertTrue(theirs.exists())
        self.assertEqual(self._stored(), before)

    def test_forgotten_uploads_are_deleted_after_a_day(self):
        old = self.upload_samples("v2_uk_gbp.txt").attachment_ids
        fresh = self.upload_samples("v2_us_usd.txt").attachment_ids
        settlement = self.import_sample("v2_uk_gbp_next.txt")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = %s WHERE id IN %s",
            [
                fields.Datetime.now() - timedelta(days=2),
                (old.id, settlement.attachment_id.id),
            ],
        )
        self.env.invalidate_all()
        self.root_env["sp.settlement.import"]._gc_uploads()
        self.assertFalse(old.exists())
        self.assertTrue(fresh.exists())
        self.assertTrue(settlement.attachment_id.exists())

"""Several settlements are posted in a real browser, of which one is left out."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ..common import SpCase

SALE = "Order/ItemPrice/Principal"


@tagged("post_install", "-at_install")
class TestBatchTours(SpCase, HttpCase):
    def test_several_are_posted_and_the_one_left_out_is_mended_by_a_click(self):
        self.env = self.root_env
        for ref, words in {"51": SALE, "52": "A/B/C", "53": SALE}.items():
            self.import_file(self.file((words, "2.00"), total="2.00", ref=f"77000000{ref}"))
        self.start_tour(
            "/odoo/amazon-settlements", "sp_connector_post_several", login=self.manager.login
        )
        settlements = self.env["sp.settlement"].search([("company_id", "=", self.company.id)])
        self.assertEqual(sorted(settlements.mapped("state")), ["held", "posted", "posted"])

    def test_forty_are_posted_in_the_background_although_one_fails(self):
        self.env = self.root_env
        for number in range(100, 140):
            self.import_file(self.file((SALE, "2.00"), total="2.00", ref=f"7700000{number}"))
        settlements = self.env["sp.settlement"].search([("company_id", "=", self.company.id)])
        bad = settlements.filtered(lambda one: one.settlement_ref == "7700000107")
        with (
            self.refusal_of(bad),
            self.scheduler(20),
        ):
            self.start_tour(
                "/odoo/amazon-settlements", "sp_connector_post_forty", login=self.manager.login
            )
        self.env.invalidate_all()
        self.assertEqual((len(settlements), bad.state), (40, "review"))
        self.assertFalse(bad.move_ids, "what fails leaves nothing behind")
        posted = settlements - bad
        self.assertEqual(set(posted.mapped("state")), {"posted"})
        self.assertEqual(len(set(posted.mapped("move_name"))), 39)
        for settlement in posted:
            self.assertBalanced(settlement)

    def refusal_of(self, settlement):
        """Another module refuses to post the entry of one settlement."""
        moves = self.env.registry["account.move"]
        post = moves._post

        def refuse(move, *args, **kwargs):
            if move.sp_settlement_id == settlement:
                raise UserError(move.env._("The auditor has closed this customer."))
            return post(move, *args, **kwargs)

        return patch.object(moves, "_post", refuse)

    @contextmanager
    def scheduler(self, count):
        """Whenever the browser asks again how far it is, the scheduler did so many more."""
        batches, cron = self.env.registry["sp.batch"], self.env.registry["ir.cron"]
        read, asked, done = batches.web_read, [], []

        def read_later(batch, *args, **kwargs):
            if asked:
                batch.env(user=SUPERUSER_ID)["sp.batch.run"]._cron_run()
                batch.invalidate_model()
            asked.append(batch)
            return read(batch, *args, **kwargs)

        def commit_progress(_cron, processed=0, **_kwargs):
            done.extend([True] * processed)
            return 0.0 if processed and len(done) % count == 0 else 1.0

        with (
            patch.object(batches, "web_read", read_later),
            patch.object(cron, "_commit_progress", commit_progress),
        ):
            yield

"""Many at once: each by itself, with the rights of who pressed, and a result for each."""

from contextlib import contextmanager, suppress
from unittest.mock import patch

from odoo.tools import mute_logger

from ...models.batch import sp_batch, sp_batch_run
from ..common import USER, SpCase

SALE = "Order/ItemPrice/Principal"
LOGGER = "odoo.addons.sp_connector.models.batch.sp_batch_run"


class TestSpBatch(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = {"1": SALE, "2": "A/B/C", "3": SALE, "4": SALE}
        files = [cls.file((words, "2.00"), total="2.00", ref=ref) for ref, words in names.items()]
        cls.settlements = cls.env["sp.settlement"].union(*map(cls.import_file, files))
        cls.good, cls.held, cls.third, cls.fourth = cls.settlements

    @contextmanager
    def scheduler(self):
        """As the scheduler does, in one transaction; yields what it committed."""
        commits = []

        def commit(_cron, done=0, **_values):
            self.env.flush_all()
            commits.append(done)
            return 1.0

        with patch.object(self.env.registry["ir.cron"], "_commit_progress", commit):
            yield commits
            self.root_env["sp.batch.run"]._cron_run()
        self.env.invalidate_all()

    def press(self, button="action_post", settlements=None):
        """Press a button where everything beyond one settlement goes on in the background."""
        settlements = self.settlements if settlements is None else settlements
        with patch.object(sp_batch, "AT_ONCE", 1):
            action = getattr(settlements, button)()
        return self.env["sp.batch"].browse(action["res_id"])

    def states(self, batch):
        return [line.state for line in batch.line_ids.sorted(lambda one: one.settlement_id.id)]

    # === FEW === #

    def test_few_are_done_at_once_and_what_was_left_out_is_a_list(self):
        action = self.settlements.action_post()
        self.assertEqual((action["res_model"], action["target"]), ("sp.batch", "new"))
        batch = self.env["sp.batch"].browse(action["res_id"])
        self.assertEqual((batch.done_count, batch.failed_count, batch.is_running), (3, 1, False))
        line = batch.line_ids.filtered("message")
        self.assertEqual((line.settlement_id, line.code), (self.held, "unknown_words"))
        self.assertIn("A / B / C", line.message)
        self.assertEqual(line.with_user(self.manager).action_mend()["target"], "new")
        self.assertEqual(self.good.state, "posted")
        self.assertIsNone((self.good | self.third).action_undo(), "nothing was left out")
        self.assertEqual(self.good.state, "review")

    def test_one_alone_says_it_without_a_list(self):
        self.assertIn("A / B / C", self.held.action_post()["params"]["message"])
        self.assertFalse(self.env["sp.batch"].search([]))

    # === MANY === #

    def test_many_are_posted_in_the_background_each_in_its_own_transaction(self):
        batch = self.press()
        self.assertEqual((batch.waiting_count, batch.percent, batch.is_running), (4, 0, True))
        self.assertEqual(self.good.state, "review")
        with self.scheduler() as commits:
            pass
        self.assertEqual(self.states(batch), ["done", "failed", "done", "done"])
        self.assertEqual((batch.percent, batch.failed_count, batch.is_running), (100, 1, False))
        self.assertEqual(commits.count(1), 4)
        self.assertEqual(self.fourth.state, "posted")
        self.assertEqual(self.fourth.move_id.create_uid, self.bookkeeper)
        self.assertEqual(batch.action_view_settlements()["res_id"], self.held.id)

    def test_one_that_fails_unexpectedly_stops_no_other(self):
        run = self.env.registry["sp.batch.run"]
        do = run._do_post

        def fail(this, settlement):
            if settlement == self.good:
                settlement.action_book()  # of which nothing remains
                raise ZeroDivisionError("odd")
            return do(this, settlement)

        batch = self.press(settlements=self.good | self.third)
        with patch.object(run, "_do_post", fail), mute_logger(LOGGER), self.scheduler():
            pass
        self.assertEqual(self.states(batch), ["failed", "done"])
        self.assertEqual(batch.line_ids.filtered("message").code, "unexpected")
        self.assertFalse(self.good.move_ids)

    def test_what_was_left_out_is_tried_again_once_it_is_mended(self):
        batch = self.press()
        with self.scheduler():
            pass
        self.map_words("A/B/C", "sales")
        batch.with_user(self.manager).action_retry()
        self.assertEqual((batch.waiting_count, batch.user_id), (1, self.manager))
        with self.scheduler():
            pass
        self.assertEqual((batch.failed_count, self.held.state), (0, "posted"))

    def test_cancelled_ones_are_left_alone(self):
        batch = self.press()
        batch.action_cancel()
        with self.scheduler():
            pass
        self.assertEqual(self.states(batch), ["cancelled"] * 4)
        self.assertFalse(self.settlements.move_ids)

    def test_a_worker_that_dies_leaves_it_waiting_and_not_for_ever(self):
        run = self.env.registry["sp.batch.run"]
        batch = self.press(settlements=self.good | self.third)
        line = batch.line_ids.filtered(lambda one: one.settlement_id == self.good)

        def die(*_args):
            raise SystemExit

        for tries in range(1, sp_batch_run.MAX_TRIES + 1):
            # Not assertRaises, which would roll back what was committed before.
            with suppress(SystemExit), patch.object(run, "_do_post", die), self.scheduler():
                pass
            self.env.invalidate_all()
            self.assertEqual((line.state, line.tries), ("waiting", tries))
        with self.scheduler():
            pass
        self.assertEqual(self.states(batch), ["failed", "done"])
        self.assertIn("3 workers died", line.message)

    def test_two_batches_with_the_same_settlement_make_one_entry(self):
        first, second = self.press(settlements=self.good | self.third), self.press()
        with self.scheduler():
            pass
        self.assertEqual(self.states(first), ["done", "done"])
        self.assertEqual(self.states(second), ["done", "failed", "done", "done"])
        self.assertEqual(len(self.settlements.move_ids), 3)

    def test_undo_and_check_in_the_background(self):
        (self.good | self.third).action_post()
        undo = self.press("action_undo", self.good | self.third | self.fourth)
        check = self.press("action_check")
        with self.scheduler():
            pass
        self.assertEqual(self.states(undo), ["done", "done", "failed"])
        self.assertEqual(undo.line_ids.filtered("message").code, "no_entry")
        self.assertEqual(set(self.settlements.mapped("state")), {"review", "held"})
        self.assertEqual(self.states(check), ["done", "failed", "done", "done"])

    def test_old_ones_are_forgotten_unless_something_of_them_waits(self):
        (self.good | self.third).action_post()
        old, running, recent = (self.press(settlements=self.good | self.third) for _one in "123")
        with self.scheduler():
            pass
        running.line_ids[0].sudo().state = "waiting"
        self.env.flush_all()
        self.cr.execute(
            "UPDATE sp_batch SET create_date = create_date - interval '7 months' WHERE id IN %s",
            ((old.id, running.id),),
        )
        self.env.invalidate_all()
        self.root_env["sp.batch"]._gc_batches()
        self.assertEqual((old | running | recent).exists(), running | recent)
        self.assertEqual(set(self.settlements.mapped("state")), {"posted", "review", "held"})

    # === WHOSE === #

    def test_it_is_done_with_the_rights_of_who_pressed(self):
        batch = self.press(settlements=self.good | self.third)
        self.bookkeeper.group_ids -= self.root_env.ref(USER)
        with self.scheduler():
            pass
        self.assertEqual(self.root_env["sp.batch"].browse(batch.id).failed_count, 2)
        self.assertFalse(self.settlements.sudo().move_ids)

    def test_another_company_sees_nothing_of_it_and_gets_its_own(self):
        other = self.make_company("Lamps Inc")
        self.set_up_accounts(other)
        stranger = self.make_user("stranger", "sp_connector.sp_connector_group_manager", other)
        batch = self.press()
        self.assertDenied(batch.with_user(stranger).read, ["percent"])
        self.assertDenied(batch.with_user(stranger).action_cancel)
        self.assertDenied(batch.line_ids[0].with_user(stranger).read, ["message"])
        self.bookkeeper.company_ids |= other
        env = self.env(context={"allowed_company_ids": (self.company | other).ids})
        data = self.file((SALE, "2.00"), total="2.00", ref="7")
        theirs = self.import_file(data, company=other, env=env)
        with patch.object(sp_batch, "AT_ONCE", 1):
            action = (self.good.with_env(env) | theirs).action_post()
        batches = env["sp.batch"].search(action["domain"])
        self.assertEqual(batches.company_id, self.company | other)
        with self.scheduler():
            pass
        self.assertEqual((self.good.state, theirs.state), ("posted", "posted"))
        self.assertEqual(theirs.move_id.company_id, other)

    def test_a_selection_of_all_pages_is_more_than_the_web_client_sends(self):
        self.root_env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        domain = [("id", "in", self.settlements.ids)]
        sent = (self.good | self.held).with_context(
            active_model="sp.settlement", active_domain=domain
        )
        self.assertEqual(len(self.press(settlements=sent).line_ids), 4)
        self.assertEqual(self.env["sp.batch"]._whole_selection(self.good), self.good)

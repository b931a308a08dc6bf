"""The scheduler only queues; the job queue's own code runs the jobs, and all ends as without it."""

from contextlib import suppress
from datetime import datetime
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import freeze_time

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.job import Job, identity_exact
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.addons.sp_connector.models.amazon.sp_report import SpReport
from odoo.addons.sp_connector.models.connection import sp_connection_sync as scheduler
from odoo.addons.sp_connector.tests.sync_common import SAMPLES, SyncCase

from ..hooks import uninstall_hook
from ..models import sp_connection_sync, sp_report


class TestQueue(SyncCase):
    def setUp(self):
        super().setUp()
        self.root_env["queue.job"].search([("state", "!=", "done")]).unlink()

    def jobs(self, *methods, state="pending"):
        domain = [("state", "=", state), ("job_function_id.channel", "=", "root.sp_connector")]
        if methods:
            domain.append(("method_name", "in", methods))
        return self.root_env["queue.job"].search(domain, order="priority, id")

    def run_jobs(self, *methods, rounds=5, errors=()):
        """Run what is due in the queue, as a worker does, until nothing is.

        :param errors: exceptions that may leave a job; the runner logs them, too
        """
        for _round in range(rounds):
            now = datetime.now()
            due = self.jobs(*methods).filtered(lambda job, now=now: not job.eta or job.eta <= now)
            if not due:
                return
            for uuid in due.mapped("uuid"):
                # A cursor each, as each request of the runner has.
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    job = Job.load(env, uuid)
                    job.set_enqueued()
                    job.store()
                    env.flush_all()
                    job = RunJobController._acquire_job(env, uuid)
                    with suppress(*errors):
                        RunJobController._runjob(env, job)
            self.root_env.invalidate_all()

    def trigger(self, cron):
        cron.method_direct_trigger()
        self.run_jobs()

    def make_due(self):
        self.root_env["sp.connection"].search([]).next_sync_at = False

    # === THE SCHEDULER === #

    def test_the_scheduler_only_queues(self):
        self.at_amazon(*SAMPLES)
        calls = len(self.fake.calls)
        with trap_jobs() as trap:
            self.find.method_direct_trigger()
            trap.assert_jobs_count(1)
            trap.assert_enqueued_job(
                self.connection._look, properties={"identity_key": identity_exact, "priority": 5}
            )
            self.assertEqual(trap.enqueued_jobs[0].channel, "root.sp_connector")
        self.assertEqual(len(self.fake.calls), calls, "Amazon is asked by the jobs")
        self.env["sp.connection.sync"].sudo()._find_reports(self.connection.sudo())
        self.reports.retry_at = fields.Datetime.now()
        triggers = self.root_env["ir.cron.trigger"].search([("cron_id", "=", self.take.id)])
        with trap_jobs() as trap:
            self.take.method_direct_trigger()
            found = self.root_env["ir.cron.trigger"].search([("cron_id", "=", self.take.id)])
            self.assertEqual(found, triggers, "what the jobs do is not waited for")
            trap.assert_jobs_count(4)
            for report in self.reports:
                trap.assert_enqueued_job(
                    report._process_queued, properties={"identity_key": identity_exact}
                )
            self.assertEqual({job.channel for job in trap.enqueued_jobs}, {"root.sp_connector"})
        self.assertEqual(self.states(), ["found"] * 4)

    def test_what_is_queued_is_not_queued_again(self):
        self.at_amazon(*SAMPLES)
        for _time in range(3):
            self.find.method_direct_trigger()
        self.assertEqual(len(self.jobs("_look")), 1)
        self.run_jobs("_look")
        self.assertEqual(len(self.jobs("_process_queued")), 4, "queued by the one who found them")
        for _time in range(3):
            self.take.method_direct_trigger()
        self.assertEqual(len(self.jobs("_process_queued")), 4)
        self.run_jobs()
        self.assertFalse(self.jobs())
        self.assertEqual(self.states(), ["imported"] * 4)

    def test_a_job_that_has_nothing_to_do_is_harmless(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.find.method_direct_trigger()
        self.run_jobs("_look")
        self.connection._look()  # not due any more
        job = self.jobs("_process_queued")
        self.assertEqual(self.reports._process(), "imported")
        calls, logs = len(self.fake.calls), len(self.connection.log_ids)
        self.run_jobs()
        self.assertEqual((job.state, job.result), ("done", False))
        self.assertEqual(len(self.fake.calls), calls)
        self.assertEqual(len(self.connection.log_ids), logs)

    # === THE SAME RESULTS === #

    def test_three_connections_end_as_by_the_scheduler_alone(self):
        """Each kind of trouble on the way; then every settlement is there once, to the cent."""
        self.at_three_sellers(6)
        for operation, kinds in (
            ("getReports", ("429", "503", "empty")),
            ("getReportDocument", ("429", "500", "expired_url")),
            ("download", ("reset", "truncated_gzip")),
        ):
            for kind in kinds:
                self.fake.fail(operation, kind, times=2, chance=0.3)
        self.run_crons(times=12, minutes=120)
        self.assertEqual(self.states(), ["imported"] * 18)
        self.assertEqual(len(self.settlements), 18)
        self.assertEqual(set(self.settlements.mapped("amount_difference")), {0.0})
        for connection in self.root_env["sp.connection"].search(
            [("company_id", "=", self.company.id)]
        ):
            self.assertEqual(connection.state, "connected")
            self.assertEqual(len(connection.report_ids), 6)
            logs = connection.log_ids
            self.assertEqual((sum(logs.mapped("found")), sum(logs.mapped("imported"))), (6, 6))
        self.assertFalse(self.jobs())
        self.assertFalse(self.jobs(state="failed"))

    def test_amazons_limit_ends_the_jobs_and_the_scheduler_queues_again(self):
        self.fake.set_options(limits=True)
        text = self.sample("v2_uk_gbp.txt")
        for number in range(17):
            self.fake.add_report(text.replace(b"99000000101", b"99000001%03d" % number))
        self.find.method_direct_trigger()
        with freeze_time(fields.Datetime.now(), tick=True):
            self.run_jobs()
        self.assertEqual(self.states(), ["found"] * 2 + ["imported"] * 15)
        waiting = self.reports.filtered(lambda report: report.state == "found")
        self.assertFalse(self.jobs(), "nobody waits in a worker or in the queue")
        trigger = self.root_env["ir.cron.trigger"].search([("cron_id", "=", self.take.id)])
        self.assertIn(min(waiting.mapped("retry_at")), trigger.mapped("call_at"))
        self.run_crons(times=4, minutes=2)
        self.assertEqual(self.states(), ["imported"] * 17)
        self.assertNotIn(429, [call.status for call in self.fake.calls])

    # === INDEPENDENCE === #

    def test_two_connections_do_not_depend_on_each_other(self):
        other = self.connect(self.fake.add_seller(("DE",), name="Other"), "Other")
        self.at_amazon("v2_uk_gbp.txt")
        self.at_amazon("v2_de_eur_comma.txt", seller=self.fake.sellers[other.selling_partner_ref])
        self.find.method_direct_trigger()
        self.assertEqual(len(self.jobs("_look")), 2)
        self.fake.revoke(self.seller, self.theirs)
        self.root_env["sp.secret"]._set(self.connection, "access_token", "")
        self.run_jobs()
        self.assertEqual(self.connection.state, "reconnect_required")
        self.assertEqual(other.report_ids.mapped("state"), ["imported"])

    def test_a_job_that_fails_is_queued_again_and_stops_nobody(self):
        self.at_amazon(*SAMPLES)
        self.find.method_direct_trigger()
        self.run_jobs("_look")
        first = self.jobs("_process_queued")[0]
        refs = first.records.report_ref
        process = SpReport._process

        def broken(report):
            if report.report_ref == refs:
                raise ZeroDivisionError("a worker's own trouble")
            return process(report)

        with (
            patch.object(SpReport, "_process", broken),
            self.assertLogs("odoo.addons.queue_job", "ERROR"),
        ):
            self.run_jobs("_process_queued", errors=(ZeroDivisionError,))
        self.assertEqual(first.state, "failed")
        self.run_jobs()
        self.assertEqual(self.states(), ["found"] + ["imported"] * 3)
        self.trigger(self.take)
        self.assertEqual(self.states(), ["imported"] * 4)

    # === WITHOUT THE ADDON === #

    def test_uninstalling_empties_the_queue_and_leaves_the_scheduler(self):
        self.at_amazon(*SAMPLES)
        self.find.method_direct_trigger()
        self.run_jobs("_look")
        self.make_due()
        self.find.method_direct_trigger()
        others = self.root_env["queue.job"].with_delay()._test_job().db_record()
        self.assertEqual(len(self.jobs()), 5)
        uninstall_hook(self.root_env)
        self.assertFalse(self.jobs())
        self.assertTrue(others.exists())
        self.root_env["ir.module.module"].search(
            [("name", "=", "sp_connector_queue")]
        ).module_uninstall()
        self.assertFalse(self.root_env["queue.job.channel"].search([("name", "=", "sp_connector")]))
        without = {
            "_dispatch": scheduler.SpConnectionSync._dispatch,
            "_look": scheduler.SpConnectionSync._look,
        }
        with (
            patch.multiple(sp_connection_sync.SpConnectionSync, **without),
            patch.object(sp_report.SpReport, "_dispatch", SpReport._dispatch),
        ):
            self.find.method_direct_trigger()
            self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertEqual(self.states(), ["imported"] * 4)

"""A day of many connections, and how much faster several queue workers are.

Amazon is the simulator, its answers take ``LATENCY`` seconds. The day is simulated: a clock that
the calls to Amazon and the pauses of Odoo's scheduler move, not the machine's. So lateness is what
waiting for Amazon one call after the other costs. The queue's workers are real processes that talk
HTTP in real time. ``CONNECTIONS`` sets how many there are on the simulated day.
"""

import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from unittest.mock import patch

import freezegun
import psycopg2.errors
from demo import prepare, say, set_up_company

import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.db import exp_db_exist, exp_drop, exp_duplicate_database

CONNECTIONS = int(os.environ.get("CONNECTIONS") or 1000)
#: One connection in so many gets a report during the day.
REPORT_EACH = 20
LATENCY = 0.3
DAY = timedelta(hours=24)
#: Odoo's scheduler looks once a minute.
WAKE = timedelta(minutes=1)
WORKERS = (1, 2, 4)
SELLERS, REPORTS = 16, 2
SAMPLE = Path(__file__).parent.parent / "sp_connector/engine/tests/samples/v2_uk_gbp.txt"


def main():
    """Measure and print both tables."""
    odoo.tools.config.parse_config(
        ["-d", "bench,bench_day,bench_queue", "--log-level", "critical"], setup_logging=True
    )
    base = prepare("bench")
    with base.cursor() as cr:
        set_up_company(api.Environment(cr, SUPERUSER_ID, {}))
    simulate_day(copy_of("bench", "bench_day"))
    time_workers(copy_of("bench", "bench_queue", "sp_connector_queue"))


def copy_of(origin, name, addon=None):
    """Make a database anew as a copy, with an addon more; return its registry."""
    if exp_db_exist(name):
        exp_drop(name)
    exp_duplicate_database(origin, name)
    if addon:
        command = [sys.executable, "-m", "odoo", "-d", name, "-i", addon, "--stop-after-init"]
        subprocess.run([*command, "--log-level", "error"], check=True)
        return Registry.new(name)
    return Registry(name)


# === SELLERS === #


def make_application(env, fake):
    """Register an application with the simulator and in Odoo; return both."""
    theirs = fake.add_application(["http://localhost/return"], "http://localhost/login")
    hosts = fake.hosts()
    application = env["sp.application"].create(
        {
            "name": "Bench",
            "environment": "simulator",
            "application_ref": theirs.application_id,
            "client_id": theirs.client_id,
            "client_secret": theirs.client_secret,
            "lwa_host": hosts["lwa"],
            "seller_central_host": hosts["seller_central"],
            **{f"api_host_{region}": hosts[region] for region in ("na", "eu", "fe")},
        }
    )
    return theirs, application


def connect(env, fake, theirs, application, count, proven_until=False):
    """Make sellers that have authorised the application; return (sellers, connections)."""
    sellers = [fake.add_seller(("GB",)) for _number in range(count)]
    connections = env["sp.connection"].create(
        [
            {
                "name": f"Seller {seller.selling_partner_id}",
                "application_id": application.id,
                "region": "eu",
                "marketplace_id": env.ref("sp_connector.sp_marketplace_uk").id,
                "selling_partner_ref": seller.selling_partner_id,
                "state": "connected",
                "proven_until": proven_until,
            }
            for seller in sellers
        ]
    )
    for seller, connection in zip(sellers, connections, strict=True):
        env["sp.secret"]._set(connection, "refresh_token", fake.grant(theirs, seller).refresh_token)
    return sellers, connections


def report_of(number):
    """Return the bytes of a settlement with an id of its own."""
    return SAMPLE.read_bytes().replace(b"99000000101", b"98%09d" % number)


# === A DAY === #


def simulate_day(registry):
    """Let the scheduler run for a day and print what it did."""
    from odoo.addons.sp_connector.tests.fake_amazon import FakeAmazon, in_process

    start = datetime(2026, 3, 2)
    with freezegun.freeze_time(start) as clock, simulated_database_clock():
        amazon = type("TimedAmazon", (Timed, FakeAmazon), {})(seed=1)
        amazon.frozen = clock
        with registry.cursor() as cr, in_process(amazon):
            env = api.Environment(cr, SUPERUSER_ID, {})
            only_our_crons(env, start)
            theirs, application = make_application(env, amazon)
            sellers, _connections = connect(
                env, amazon, theirs, application, CONNECTIONS, proven_until=start
            )
            chance = random.Random(1)
            for number, seller in enumerate(sellers[::REPORT_EACH]):
                made = start + DAY * chance.uniform(0.1, 0.7)
                amazon.add_report(report_of(number), seller, made.replace(tzinfo=timezone.utc))
        with in_process(amazon):
            seconds = run_scheduler(registry, clock, amazon, start + DAY)
        with registry.cursor() as cr:
            report_day(api.Environment(cr, SUPERUSER_ID, {}), amazon, seconds)


class Timed:
    """Amazon whose calls take simulated time, and whose own work is not counted as Odoo's."""

    frozen = None
    cpu = 0.0

    def __call__(self, environ, start_response):
        started = time.process_time()
        self.frozen.tick(LATENCY)
        answer = list(super().__call__(environ, start_response))
        self.cpu += time.process_time() - started
        return answer


@contextmanager
def simulated_database_clock():
    """Let Odoo's scheduler, which asks PostgreSQL for the time, go by the simulated clock."""
    with patch.object(odoo.sql_db.BaseCursor, "now", lambda _cursor: datetime.now()):
        yield


def only_our_crons(env, start):
    """Leave the two scheduled actions that matter, due now."""
    crons = env["ir.cron"].search([])
    crons.active = False
    for name in ("find", "import"):
        cron = env.ref(f"sp_connector.ir_cron_{name}_reports")
        cron.write({"active": True, "nextcall": start})


def run_scheduler(registry, clock, amazon, end):
    """Run Odoo's own scheduler until then; return {name of the step: CPU seconds}."""
    crons = registry["ir.cron"]
    seconds = defaultdict(float)
    process = crons._process_job

    def timed(cron_cr, job):
        started = time.process_time() - amazon.cpu
        process(cron_cr, job)
        seconds[job["cron_name"]] += time.process_time() - amazon.cpu - started

    with patch.object(crons, "_process_job", timed):
        while datetime.now() < end:
            crons._process_jobs(registry.db_name)
            with registry.cursor() as cr:
                # When it has something to do again; in between it would only look.
                cr.execute(
                    "SELECT min(at) FROM (SELECT min(nextcall) AS at FROM ir_cron WHERE active"
                    " UNION ALL SELECT min(call_at) FROM ir_cron_trigger) AS due"
                )
                (following,) = cr.fetchone()
            # It is woken at once only by what is due by now.
            if following > datetime.now():
                pause = following - datetime.now()
                clock.tick(-(-pause // WAKE) * WAKE)
    return seconds


def report_day(env, amazon, seconds):
    connections = env["sp.connection"].search([])
    looks, lateness = 0, []
    env.cr.execute(
        "SELECT started_at - lag(started_at) OVER (PARTITION BY connection_id ORDER BY id)"
        " FROM sp_sync_log WHERE step = 'find'"
    )
    for (pause,) in env.cr.fetchall():
        looks += 1
        if pause is not None:
            lateness.append((pause - timedelta(hours=4)).total_seconds())
    reports = env["sp.report"].search([])
    env.cr.execute(
        "SELECT log.ended_at - report.created_at FROM sp_report AS report JOIN sp_sync_log AS log"
        " USING (connection_id) WHERE log.imported > 0"
    )
    waited = [pause.total_seconds() / 3600 for (pause,) in env.cr.fetchall()]
    calls = [call.status for call in amazon.calls]
    cpu = {name.split(":")[1].strip(): value for name, value in seconds.items()}
    say(f"\na day of {len(connections):,} connections, each looked at every 4 hours")
    for label, value in (
        ("looks", f"{looks:,}"),
        ("calls to Amazon", f"{len(calls):,}"),
        ("  refused for its limits", f"{calls.count(429):,}"),
        ("CPU per idle connection", f"{cpu['find settlement reports'] / len(connections):.3f} s"),
        ("CPU per look", f"{cpu['find settlement reports'] / looks * 1000:.1f} ms"),
        ("looked at late", f"{median(lateness) / 60:.0f} min, worst {max(lateness) / 60:.0f} min"),
        ("reports imported", f"{len(reports.filtered('settlement_ids'))} of {len(reports)}"),
        ("  after Amazon made them", f"{median(waited):.1f} h, worst {max(waited):.1f} h"),
    ):
        say(f"  {label:<28}{value:>24}")


# === WORKERS === #


def time_workers(registry):
    """Let 1, 2 and 4 processes work off the same kind of queue and print the ratios."""
    from odoo.addons.sp_connector.tests.fake_amazon import FakeAmazon, FakeAmazonServer

    fake = FakeAmazon(seed=2)
    fake.fail("*", "slow", times=None, seconds=LATENCY)
    with FakeAmazonServer(fake):
        with registry.cursor() as cr:
            theirs, application = make_application(api.Environment(cr, SUPERUSER_ID, {}), fake)
            application_id = application.id
        say(
            f"\n{SELLERS} sellers with {REPORTS} reports each, an answer takes {LATENCY} s\n"
            f"{'workers':>9}{'seconds':>9}{'speed':>7}{'jobs':>6}{'run again':>11}"
        )
        alone = None
        for turn, workers in enumerate(WORKERS):
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["queue.job"].search([]).unlink()
                application = env["sp.application"].browse(application_id)
                sellers, connections = connect(env, fake, theirs, application, SELLERS)
                for place, seller in enumerate(sellers):
                    for number in range(REPORTS):
                        report = report_of(1000 * (turn + 1) + REPORTS * place + number)
                        fake.add_report(report, seller, datetime.now(timezone.utc))
            seconds = run_workers(registry, workers, connections.ids)
            alone = alone or seconds
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                jobs = env["queue.job"].search([])
                reports = env["sp.report"].search([("connection_id", "in", connections.ids)])
                assert reports.mapped("state") == ["imported"] * SELLERS * REPORTS
                again = sum(job.retry - 1 for job in jobs)
            say(f"{workers:>9}{seconds:>9.1f}{alone / seconds:>7.2f}{len(jobs):>6}{again:>11}")


def run_workers(registry, count, connection_ids):
    """Start processes, queue the looks, and return the seconds until the queue is empty."""
    command = [sys.executable, __file__, "--worker", registry.db_name]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _number in range(count)
    ]
    for worker in workers:
        worker.stdout.readline()  # it has loaded Odoo
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["sp.connection"]._cron_find_reports()
    started = time.monotonic()
    for worker in workers:
        worker.stdin.close()
    for worker in workers:
        if worker.wait():
            sys.exit("A worker failed; its messages are above.")
    return time.monotonic() - started


def work(database):
    """Be a worker: run what is queued, as the job runner's requests do, until nothing is."""
    odoo.tools.config.parse_config(["-d", database, "--log-level", "critical"], setup_logging=True)
    registry = Registry(database)
    from odoo.addons.queue_job.controllers.main import RunJobController

    say("ready")
    sys.stdin.read()
    while True:
        with registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM queue_job WHERE state NOT IN ('done', 'failed')")
            if not cr.fetchone()[0]:
                return
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            uuid = hand_out(env)
            job = uuid and RunJobController._acquire_job(env, uuid)
            if job:
                RunJobController._runjob(env, job)
        if not uuid:
            time.sleep(0.05)


def hand_out(env):
    """Do what the job runner does for all workers: give a job that is due to this one."""
    from odoo.addons.queue_job.job import Job

    try:
        env.cr.execute(
            "SELECT uuid FROM queue_job WHERE state = 'pending'"
            " AND (eta IS NULL OR eta <= now() AT TIME ZONE 'UTC')"
            " ORDER BY priority, id LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
    except psycopg2.errors.SerializationFailure:
        env.cr.rollback()
        return None
    (uuid,) = env.cr.fetchone() or (None,)
    if uuid:
        job = Job.load(env, uuid)
        job.set_enqueued()
        job.store()
        env.flush_all()
        env.cr.commit()
    return uuid


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(sys.argv[2])
    else:
        main()

"""What is missing between settlements is named, and closes by itself when it arrives."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.fields import Command

from ...engine.lines.flat_file import open_reports
from ..common import SpCase

CRON = "sp_connector.ir_cron_daily_watch"
FIRST = datetime(2026, 1, 1, 22, 7, 18)


class ChainCase(SpCase):
    """Settlements of any period and reserve, uploaded or come by a connection."""

    def moment(self, day, seconds=0):
        return f"{FIRST + timedelta(days=day, seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"

    def settle(
        self, start, end, held="0.00", back="0.00", seconds=0, total=None, connection=None, **where
    ):
        """Import a settlement from day to day that holds and brings back so much."""
        ref = f"{start:03}{seconds}"
        rows = [
            ("Order/ItemPrice/Principal", "100.00"),
            ("other-transaction/other-transaction/Previous Reserve Amount Balance", back),
            ("other-transaction/other-transaction/Current Reserve Amount", f"-{held}"),
        ]
        rows = [item for item in rows if float(item[1])]
        data = self.file(
            *rows,
            total=total or f"{100 + float(back) - float(held):.2f}",
            ref=ref,
            settlement_start_date=self.moment(start, seconds),
            settlement_end_date=self.moment(end, seconds),
        )
        settlements = where.get("env", self.env)["sp.settlement"]
        (report,) = open_reports(f"{ref}.txt", data)
        return settlements._import_report(
            report, where.get("company", self.company), connection=connection
        )

    def run_watch(self):
        """Run the daily action as the scheduler does."""
        with self.enter_registry_test_mode():
            self.root_env.ref(CRON).method_direct_trigger()
        self.root_env.invalidate_all()

    def gaps(self, state="open"):
        found = self.env["sp.settlement.gap"].search([("state", "=", state)])
        return sorted((gap.kind, gap.before_ref, gap.after_ref) for gap in found)

    @classmethod
    def make_connection(cls, **vals):
        """A connection of the company, for which the manager is responsible."""
        application = cls.root_env["sp.application"].create(
            {
                "name": "Settlements",
                "application_ref": "amzn1.sp.solution.test",
                "client_id": "amzn1.application-oa2-client.test",
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        place = cls.root_env.ref("sp_connector.sp_marketplace_uk")
        return cls.root_env["sp.connection"].create(
            {
                "name": "Amazon UK",
                "company_id": cls.company.id,
                "application_id": application.id,
                "region": place.region,
                "marketplace_id": place.id,
                "user_id": cls.manager.id,
                **vals,
            }
        )


class TestSpSettlementGap(ChainCase):
    def test_settlements_that_follow_each_other(self):
        for start in (0, 14, 28):
            self.settle(start, start + 14)
            self.settle(start, start + 14, seconds=7)
        self.assertFalse(self.env["sp.settlement.gap"].search([]))

    def test_a_gap_is_named_and_closes_when_the_file_arrives(self):
        before, after = self.settle(0, 14), self.settle(28, 42)
        self.assertEqual(self.gaps(), [("gap", "0000", "0280")])
        gap = self.env["sp.settlement.gap"].search([])
        self.assertEqual((gap.before_id, gap.after_id), (before, after))
        self.assertEqual((gap.date_from, gap.date_to), (before.date_end, after.date_start))
        self.assertEqual(gap.currency_id.name, "GBP")
        self.assertIn("Settlement missing", gap.display_name)
        self.assertTrue(gap.opened_at)
        missing = self.settle(14, 28)
        self.assertEqual((self.gaps(), gap.state), ([], "closed"))
        self.assertTrue(gap.closed_at)
        self.assertFalse(before.chain_problem)
        missing.unlink()
        self.assertEqual(gap.state, "open")
        self.assertFalse(gap.closed_at)

    def test_a_gap_that_is_filled_in_part_becomes_a_smaller_one(self):
        self.settle(0, 14)
        self.settle(42, 56)
        self.settle(14, 28)
        self.assertEqual(self.gaps(), [("gap", "0140", "0420")])
        self.assertEqual(self.gaps("closed"), [("gap", "0000", "0420")])

    def test_the_neighbours_say_so_and_lead_there(self):
        before, after = self.settle(0, 14), self.settle(28, 42)
        other = self.settle(42, 56)
        for settlement in (before, after):
            self.assertIn("this one is missing", settlement.chain_problem)
            action = settlement.action_view_gaps()
            self.assertEqual(action["res_model"], "sp.settlement.gap")
            self.assertEqual(action["res_id"], before.gap_after_ids.id)
        self.assertFalse(other.chain_problem)

    def test_the_link_leads_to_the_seller_central_of_the_marketplace(self):
        settlements = self.settle(0, 14) | self.settle(28, 42)
        gap = settlements.gap_before_ids
        place = self.root_env.ref("sp_connector.sp_marketplace_de")
        settlements.sudo().marketplace_id = place
        gap.invalidate_recordset()
        self.assertEqual(
            gap.seller_central_url,
            "https://sellercentral-europe.amazon.com/payments/past-settlements",
        )
        settlements.sudo().marketplace_id = False
        gap.invalidate_recordset()
        self.assertFalse(gap.seller_central_url)

    def test_the_link_stays_with_the_application_s_own_seller_central(self):
        connection = self.make_connection()
        connection.application_id.sudo().write(
            {
                "environment": "simulator",
                **dict.fromkeys(
                    ("api_host_na", "api_host_eu", "api_host_fe", "lwa_host"), "http://localhost:1"
                ),
                "seller_central_host": "http://localhost:2",
            }
        )
        settlements = self.settle(0, 14, connection=connection)
        settlements |= self.settle(28, 42, connection=connection)
        self.assertEqual(
            settlements.gap_before_ids.seller_central_url,
            "http://localhost:2/payments/past-settlements",
        )

    def test_a_reserve_that_does_not_come_back(self):
        self.settle(0, 14, held="30.00")
        self.settle(14, 28, back="30.00", held="12.50")
        self.settle(28, 42, back="10.00")
        gap = self.env["sp.settlement.gap"].search([])
        self.assertEqual(self.gaps(), [("reserve", "0140", "0280")])
        self.assertEqual(
            (gap.amount_before, gap.amount_after, gap.amount_difference), (12.5, 10, -2.5)
        )

    def test_the_reserve_of_a_file_that_does_not_add_up_is_no_second_alarm(self):
        self.settle(0, 14, held="30.00")
        settlement = self.settle(14, 28, total="130.00")
        self.assertEqual(settlement.state, "held")
        self.assertEqual(self.gaps(), [])

    def test_an_overlap(self):
        self.settle(0, 14)
        self.settle(12, 26)
        gap = self.env["sp.settlement.gap"].search([])
        self.assertEqual(self.gaps(), [("overlap", "0000", "0120")])
        self.assertEqual((gap.date_to - gap.date_from).days, 2)

    def test_companies_and_currencies_are_chains_of_their_own(self):
        other = self.make_company("Lamps Inc")
        self.settle(0, 14)
        self.settle(28, 42, company=other, env=self.root_env)
        data = self.file(
            ("Order/ItemPrice/Principal", "1.00"),
            total="1.00",
            currency="USD",
            settlement_start_date=self.moment(28),
            settlement_end_date=self.moment(42),
        )
        self.import_file(data)
        self.assertFalse(self.root_env["sp.settlement.gap"].search([]))

    def test_a_dismissal_needs_a_reason_holds_and_can_be_taken_back(self):
        self.settle(0, 14), self.settle(28, 42)
        gap = self.env["sp.settlement.gap"].search([])
        action = gap.action_dismiss()
        wizard = (
            self.env[action["res_model"]]
            .with_context(**action["context"])
            .create({"reason": "The account was closed"})
        )
        self.assertEqual(wizard.gap_ids, gap)
        wizard.action_dismiss()
        self.assertEqual((gap.state, gap.dismiss_reason), ("dismissed", "The account was closed"))
        self.assertFalse(gap.before_id.chain_problem)
        self.settle(42, 56)
        self.run_watch()
        self.assertEqual(gap.state, "dismissed")
        # Closed when the file came, dismissed again when it went.
        missing = self.settle(14, 28)
        self.assertEqual(gap.state, "closed")
        missing.unlink()
        self.assertEqual(gap.state, "dismissed")
        gap.action_reopen()
        self.assertEqual((gap.state, gap.dismiss_reason), ("open", False))

    def test_a_settlement_imported_again_takes_its_break_up_again(self):
        self.settle(0, 14), self.settle(28, 42)
        gap = self.env["sp.settlement.gap"].search([])
        gap.after_id.unlink()
        self.assertEqual(gap.state, "closed")
        after = self.settle(28, 42)
        self.assertEqual((gap.state, gap.after_id), ("open", after))

    def test_strangers_see_and_dismiss_nothing(self):
        self.settle(0, 14), self.settle(28, 42)
        gap = self.env["sp.settlement.gap"].search([])
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", "sp_connector.sp_connector_group_user", other)
        theirs = gap.with_user(stranger)
        self.assertDenied(theirs.action_reopen)
        self.assertDenied(theirs._dismiss, "no")
        self.assertDenied(gap.write, {"state": "closed"})
        self.assertFalse(theirs.search([]))

    def test_the_daily_look_finds_what_no_import_found(self):
        settlements = self.settle(0, 14) | self.settle(14, 28) | self.settle(28, 42)
        settlements[1].sudo().date_start += timedelta(days=3)
        self.assertEqual(self.gaps(), [])
        self.run_watch()
        self.assertEqual(self.gaps(), [("gap", "0000", "0140")])

    def test_the_menu_opens_what_is_missing_now(self):
        self.settle(0, 14), self.settle(28, 42)
        self.root_env["sp.settlement.gap"].search([]).unlink()
        action = self.root_env.ref("sp_connector.sp_settlement_gap_action_fresh")
        opened = action.with_user(self.bookkeeper).with_company(self.company).run()
        self.assertEqual(opened["res_model"], "sp.settlement.gap")
        self.assertEqual(len(self.gaps()), 1)

    def test_a_break_found_twice_at_once_is_kept_once(self):
        self.settle(0, 14), self.settle(28, 42)
        gap = self.env["sp.settlement.gap"].search([]).sudo()
        gap.copy()
        gap._recheck(gap._pools())
        self.assertEqual(len(self.env["sp.settlement.gap"].search([])), 1)

    def test_a_recheck_that_finds_nothing_new_writes_nothing(self):
        self.settle(0, 14, held="3.30"), self.settle(28, 42), self.settle(42, 56, back="1.10")
        gaps = self.env["sp.settlement.gap"].search([])
        self.assertEqual(len(gaps), 2)
        with patch.object(type(gaps), "write", side_effect=AssertionError):
            gaps.sudo()._recheck(gaps._pools())

    def test_a_recheck_asks_a_fixed_number_of_questions(self):
        gaps = self.root_env["sp.settlement.gap"]
        counts = []
        for start in (0, 14, 28, 42, 56, 70):
            self.settle(start, start + 14, held="5.00", back="5.00" if start else "0.00")
            self.root_env.flush_all()
            self.root_env.invalidate_all()
            before = self.root_env.cr.sql_log_count
            gaps._recheck([(self.company, self.root_env.ref("base.GBP"))])
            counts.append(self.root_env.cr.sql_log_count - before)
        self.assertLessEqual(max(counts[1:]), counts[1])


class TestConnectedGap(ChainCase):
    """Settlements by scheduler and by hand are links of one chain."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls.make_connection()

    def arrive(self, start, end):
        return self.settle(start, end, connection=self.connection)

    def test_an_uploaded_file_closes_the_gap_of_a_connection(self):
        self.arrive(0, 14)
        after = self.arrive(28, 42)
        self.assertEqual(self.gaps(), [("gap", "0000", "0280")])
        self.assertEqual(after.gap_before_ids.connection_id, self.connection)
        self.settle(14, 28)
        self.assertEqual(self.gaps(), [])

    def test_nothing_is_missing_while_reports_still_wait(self):
        self.arrive(0, 14)
        report = self.root_env["sp.report"].create(
            {"connection_id": self.connection.id, "report_ref": "50013020300"}
        )
        self.arrive(28, 42)
        self.assertEqual(self.gaps(), [])
        report._note_import("duplicate")
        self.assertEqual(self.gaps(), [("gap", "0000", "0280")])

    def test_told_at_once_by_an_activity_that_ends_with_the_gap(self):
        self.connection.notice = "each"
        self.arrive(0, 14)
        gap = self.arrive(28, 42).gap_before_ids.sudo()
        self.assertEqual(gap.activity_ids.user_id, self.manager)
        self.settle(14, 28)
        self.assertFalse(gap.activity_ids)

    def test_the_dates_are_of_amazon_s_calendar(self):
        self.arrive(0, 14)
        gap = self.arrive(28, 42).gap_before_ids
        self.assertEqual(gap.date_from.date(), date(2026, 1, 15))

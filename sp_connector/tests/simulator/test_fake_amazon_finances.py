"""The simulator's Finances API: the same files as the reports, and what is still deferred."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from ...engine.tests.helpers import sample
from .test_fake_amazon import FakeAmazonCase

TRANSACTIONS = "/finances/2024-06-19/transactions"
BALANCES = "/finances/2024-06-19/balances"
SUMMARY = "/finances/2024-06-19/summary"
REF = "99000000301"  # of the sample, from 2 to 16 February


def at(day, month=2):
    return datetime(2026, month, day, 12, tzinfo=timezone.utc)


class TestFinances(FakeAmazonCase):
    def setUp(self):
        super().setUp()
        self.fake.clock.advance((at(20) - self.fake.clock()).total_seconds())
        self.fake.add_report(sample("v2_de_eur_comma.txt"), created=at(17))
        self.token_text = self.access_token()

    def ask(self, path=TRANSACTIONS, **query):
        query = query or {"postedAfter": "2026-02-01"}
        return self.call(path, self.token_text, query_string=query)

    def transactions(self, **query):
        return self.ask(**query).json["payload"]["transactions"]

    def amount(self, transactions):
        return sum(Decimal(str(one["totalAmount"]["currencyAmount"])) for one in transactions)

    def summaries(self, ref=REF):
        answer = self.ask(
            SUMMARY, relatedIdentifierName="SETTLEMENT_ID", relatedIdentifierValue=ref
        )
        return answer.json["summaries"]

    def test_transactions_add_up_to_the_settlement(self):
        found = self.transactions()
        self.assertEqual(self.amount(found), Decimal("973.92"))
        self.assertEqual({one["transactionStatus"] for one in found}, {"RELEASED"})
        self.assertEqual(
            {one["transactionType"] for one in found}, {"Shipment", "Refund", "ServiceFee"}
        )
        refs = [one["transactionId"] for one in found]
        self.assertEqual(len(refs), len(set(refs)))
        named = [
            one["relatedIdentifierValue"]
            for each in found
            for one in each["relatedIdentifiers"]
            if one["relatedIdentifierName"] == "SETTLEMENT_ID"
        ]
        self.assertEqual(named, [REF] * len(found))

    def test_of_an_open_settlement_the_past_is_told_and_no_id(self):
        self.fake.clock.advance((at(8) - self.fake.clock()).total_seconds())
        token = self.access_token()
        self.token_text = token
        found = self.transactions()
        self.assertEqual(len(found), 3)
        self.assertNotIn("SETTLEMENT_ID", str(found))
        self.assertEqual(self.summaries(), [])

    def test_what_is_deferred_is_released_by_another_transaction(self):
        order = "999-0000301-0000003"  # in the file on 10 February
        self.fake.defer(order, at(3), "B2B")
        self.fake.clock.advance((at(9) - self.fake.clock()).total_seconds())
        self.token_text = self.access_token()
        since = "2026-02-01"
        (waiting,) = self.transactions(postedAfter=since, transactionStatus="DEFERRED")
        self.assertEqual(waiting["postedDate"], "2026-02-03T12:00:00Z")
        self.assertEqual(waiting["contexts"][0]["deferralReason"], "B2B")
        self.fake.clock.advance(2 * 86400)
        self.token_text = self.access_token()
        self.assertEqual(self.transactions(postedAfter=since, transactionStatus="DEFERRED"), [])
        (old,) = self.transactions(postedAfter=since, transactionStatus="DEFERRED_RELEASED")
        released = self.transactions(postedAfter=since, transactionStatus="RELEASED")
        (new,) = (one for one in released if old["transactionId"] in str(one))
        self.assertEqual(old["transactionId"], waiting["transactionId"])
        self.assertIn(new["transactionId"], str(old["relatedIdentifiers"]))
        self.assertEqual(new["totalAmount"], old["totalAmount"])

    def test_pages_want_the_arguments_that_produced_them(self):
        self.fake.set_options(transactions_a_page=4)
        query = {"postedAfter": "2026-02-01"}
        first = self.ask(**query).json["payload"]
        query["nextToken"] = first["nextToken"]
        second = self.ask(**query).json["payload"]
        self.assertEqual((len(first["transactions"]), len(second["transactions"])), (4, 2))
        self.assertNotIn("nextToken", second)
        self.assertRefused(self.ask(nextToken=first["nextToken"]), 400, "InvalidInput")

    def test_ranges(self):
        self.assertEqual(self.transactions(postedAfter="2025-08-01"), [], "more than 180 days")
        self.assertEqual(
            len(self.transactions(postedAfter="2026-02-03", postedBefore="2026-02-04")), 1
        )
        soon = self.fake.clock() - timedelta(seconds=60)
        for query in ({"postedBefore": soon.isoformat()}, {"transactionStatus": "RELEASED"}):
            self.assertRefused(self.ask(**query), 400, "InvalidInput")

    def test_the_role_is_its_own(self):
        self.fake.set_options(has_finances=False)
        self.assertRefused(self.ask(), 403, "Unauthorized", "")
        query = {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": REF}
        self.assertRefused(self.ask(SUMMARY, **query), 403, "Unauthorized", "")
        self.assertRefused(self.ask(BALANCES, asOfDate="2026-02-08"), 403, "Unauthorized", "")

    def test_a_summary_is_the_settlement_s_total_until_it_is_falsified(self):
        (found,) = self.summaries()
        self.assertEqual(found["netProceeds"]["currencyAmount"], 973.92)
        parts = {one["breakdownType"]: one["breakdownAmount"] for one in found["breakdowns"]}
        self.assertEqual(set(parts), {"Sales", "Refunds", "Expenses"})
        self.assertEqual(
            sum(Decimal(str(one["currencyAmount"])) for one in parts.values()), Decimal("973.92")
        )
        self.fake.falsify_summary(REF)
        (wrong,) = self.summaries()
        self.assertEqual(wrong["netProceeds"]["currencyAmount"], 973.93)
        self.assertEqual(self.summaries("1"), [])

    def held(self, day):
        """{kind: amount} of what is held at the end of a day of February."""
        query = {"asOfDate": f"2026-02-{day:02}"}
        (total,) = self.ask(BALANCES, **query).json["balances"]
        found = {}

        def walk(balance):
            if balance:
                found[balance["balanceType"]] = balance["amount"]["currencyAmount"]
            for part in balance.get("balances", ()):
                walk(part)

        walk(total)
        return found

    def test_what_is_held_at_the_end_of_a_day(self):
        # By hand: of what was posted until the 8th nothing is paid out, and the rest is later.
        until = {"postedAfter": "2026-02-01", "postedBefore": "2026-02-09"}
        waiting = self.amount(self.transactions(**until))
        found = self.held(8)
        self.assertEqual(found["AVAILABLE"], float(waiting))
        self.assertEqual((found["RESERVED"], found["TOTAL"]), (0.0, float(waiting)))
        order = "999-0000301-0000003"  # in the file on 10 February
        self.fake.defer(order, at(3))
        (deal,) = (
            one
            for one in self.transactions()
            if order in str(one) and one["transactionStatus"] == "RELEASED"
        )
        amount = Decimal(str(deal["totalAmount"]["currencyAmount"]))
        deferred = self.held(8)
        self.assertEqual(
            (deferred["DEFERRED"], deferred["AVAILABLE"]), (float(amount), found["AVAILABLE"])
        )
        self.assertEqual(deferred["TOTAL"], float(waiting + amount))
        self.assertEqual(self.held(11)["DEFERRED"], 0.0)
        self.fake.falsify_balance("DEFERRED")
        self.assertEqual(self.held(11)["RESERVED"], 0.01)
        for query in ({"asOfDate": "2026-02-20"}, {"asOfDate": "soon"}, {"balanceType": "TOTAL"}):
            self.assertRefused(self.ask(BALANCES, **query), 400, "InvalidInput")

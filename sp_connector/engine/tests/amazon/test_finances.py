"""The Finances API: what is asked, what is read, and that no cent of an answer is lost."""

import json
import unittest
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from ...errors import Misconfigured, Rejected, Retryable
from ..wire import WHY_SKIPPED, Wire, requests

if requests:
    from ...amazon import finances
    from ...amazon.selling_partner import LIMITS, SellingPartner
    from ..wire import Session

NOW = datetime(2026, 3, 2, 12)


def money(amount, currency="EUR"):
    return {"currencyAmount": amount, "currencyCode": currency}


def node(kind, amount, *parts):
    return {"breakdownType": kind, "breakdownAmount": money(amount), "breakdowns": list(parts)}


def transaction(amount, *nodes, **values):
    item = {
        "totalAmount": money(amount),
        "breakdowns": list(nodes),
        "contexts": [
            {"contextType": "ProductContext", "sku": "SKU-1", "quantityShipped": 2},
        ],
    }
    return {
        "transactionId": "T-1",
        "transactionType": "Shipment",
        "transactionStatus": "RELEASED",
        "postedDate": "2026-02-20T10:11:12.345Z",
        "totalAmount": money(amount),
        "marketplaceDetails": {"marketplaceId": "A1PA6795UKMFR9", "marketplaceName": "Amazon.de"},
        "relatedIdentifiers": [
            {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "305-1-1"},
            {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "123"},
        ],
        "items": [item],
        "breakdowns": [node("Sales", amount)],
        **values,
    }


@unittest.skipUnless(requests, WHY_SKIPPED)
class FinancesCase(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.wire = Wire().__enter__()
        self.addCleanup(self.wire.__exit__)
        self.partner = SellingPartner(Session(), self.wire.url + "/eu", "Atza|1", "agent")

    def say(self, *args, **kwargs):
        self.wire.answers.clear()
        self.wire.say(*args, **kwargs)

    def query(self, place=-1):
        query = parse_qs(urlsplit(self.wire.asked[place].path).query)
        return {name: values[0] for name, values in query.items()}


class TestTransactions(FinancesCase):
    def search(self, days=10):
        return finances.begin(NOW - timedelta(days=days), NOW, NOW)

    def read(self, *transactions):
        self.say(200, {"payload": {"transactions": list(transactions)}})
        return finances.list_transactions(self.partner, self.search()).transactions

    def test_a_question(self):
        self.say(200, {"payload": {"transactions": [], "nextToken": "more"}})
        search = self.search()
        page = finances.list_transactions(self.partner, search)
        asked = {
            "postedAfter": "2026-02-20T12:00:00Z",
            "postedBefore": "2026-03-02T11:57:00Z",
            "transactionStatus": "DEFERRED",
        }
        self.assertEqual(self.query(), asked)
        # With a token, the arguments that produced it.
        finances.list_transactions(self.partner, search.after(page))
        self.assertEqual(self.query(), {**asked, "nextToken": "more"})

    def test_a_transaction(self):
        (found,) = self.read(
            transaction(
                91.17,
                node("ProductCharges", 100, node("OurPricePrincipal", 100)),
                node("Tax", 19.0, node("OurPriceTax", 19.0)),
                node("AmazonFees", -27.83, node("Commission", -27.83, node("Base", -27.83))),
            )
        )
        self.assertEqual(
            found[:12],
            (
                *("T-1", "Shipment", "RELEASED", "", datetime(2026, 2, 20, 10, 11, 12)),
                *(Decimal("91.17"), "EUR", "A1PA6795UKMFR9", "", "305-1-1", "123", ""),
            ),
        )
        self.assertEqual(
            found.leaves,
            (
                (("ProductCharges", "OurPricePrincipal"), 100, 1, "SKU-1", 2, ""),
                (("Tax", "OurPriceTax"), 19, 1, "SKU-1", 2, ""),
                (("AmazonFees", "Commission", "Base"), Decimal("-27.83"), 1, "SKU-1", 2, ""),
            ),
        )

    def test_amounts_are_exact(self):
        """0.1 + 0.2 of a float would be a rest of its own."""
        (found,) = self.read(transaction(0.3, node("A", 0.1), node("B", 0.2)))
        self.assertEqual([leaf.amount for leaf in found.leaves], [Decimal("0.1"), Decimal("0.2")])

    def test_what_the_parts_do_not_explain_is_a_part(self):
        (found,) = self.read(
            transaction(10, node("Sales", 8, node("Principal", 7)), totalAmount=money(11))
        )
        self.assertEqual(
            [leaf[:3] for leaf in found.leaves],
            [(("Sales", "Principal"), 7, 1), (("Sales",), 1, 1), ((), 2, 1), ((), 1, 0)],
        )

    def test_a_part_without_an_amount_is_the_sum_of_its_parts(self):
        part = {"breakdownType": "Tax", "breakdowns": [node("OurPriceTax", 3)]}
        odd = transaction(3, part)
        odd["items"][0]["totalAmount"] = None
        (found,) = self.read(odd)
        self.assertEqual([leaf[:2] for leaf in found.leaves], [(("Tax", "OurPriceTax"), 3)])

    def test_items_without_parts_leave_the_word_to_the_transaction(self):
        """As of a reimbursement; and Amazon's own example writes an object for the list."""
        kind = "FBAInventoryReimbursement"
        for parts in ([node(kind, 42)], {"breakdowns": [node(kind, 42)]}):
            (found,) = self.read(transaction(42, breakdowns=parts))
            self.assertEqual(found.leaves, (((kind,), 42, 0, "", 0, ""),))

    def test_what_was_deferred(self):
        names = ("DEFERRED_TRANSACTION_ID", "RELEASE_TRANSACTION_ID", "FINANCIAL_EVENT_GROUP_ID")
        related = [
            {"relatedIdentifierName": name, "relatedIdentifierValue": name[:3]} for name in names
        ]
        context = {
            "contextType": "DeferredContext",
            "deferralReason": "DD7",
            "maturityDate": "2026-03-05T00:00:00Z",
        }
        (found,) = self.read(
            transaction(
                *(5, node("Sales", 5)),
                relatedIdentifiers=related,
                transactionStatus=None,
                contexts=[context],
            )
        )
        self.assertEqual(found.status, "DEFERRED", "what was asked for")
        self.assertEqual(
            (found.deferred_ref, found.release_ref, found.group_ref, found.settlement_ref),
            ("DEF", "REL", "FIN", ""),
        )
        self.assertEqual((found.reason, found.matures_at), ("DD7", datetime(2026, 3, 5)))

    def test_an_answer_that_cannot_be_read_is_never_an_empty_list(self):
        good = transaction(5, node("Sales", 5))
        odd = (
            None,
            {},
            {"payload": None},
            {"payload": {}},
            {"payload": {"transactions": {}}},
            *(
                {"payload": {"transactions": [good, {**good, **wrong}]}}
                for wrong in (
                    {"transactionId": ""},
                    {"totalAmount": None},
                    {"totalAmount": money("5")},
                    {"totalAmount": {"currencyAmount": 5}},
                    {"postedDate": "yesterday"},
                    {"transactionStatus": "PERHAPS"},
                    {"items": [{"breakdowns": [node("Sales", "5")]}]},
                    {"items": [{"breakdowns": "x"}]},
                    # Another currency would be added to this one.
                    {"items": [{"totalAmount": money(5, "USD"), "breakdowns": [node("S", 5)]}]},
                )
            ),
        )
        for body in odd:
            with self.subTest(json.dumps(body)), self.assertRaises(Retryable) as caught:
                self.say(200, b"" if body is None else body)
                finances.list_transactions(self.partner, self.search())
            self.assertEqual(caught.exception.code, "unreadable")
            self.assertEqual(caught.exception.operation, "listTransactions")

    def test_refusals(self):
        errors = {"errors": [{"code": "x", "message": "Access to requested resource is denied."}]}
        for status, kind, code in (
            (403, Misconfigured, "no_access"),
            (429, Retryable, "throttled"),
            (413, Rejected, "x"),
            (503, Retryable, "out_of_order"),
        ):
            self.say(status, errors)
            with self.assertRaises(kind) as caught:
                finances.list_transactions(self.partner, self.search())
            self.assertEqual(caught.exception.code, code)
        self.assertEqual(LIMITS["listTransactions"], (2, 10))


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestSearch(unittest.TestCase):
    def walk(self, search, tokens=()):
        """Return what is asked, given what is answered; each answer without a next page."""
        asked = []
        tokens = list(tokens)
        while not search.is_over:
            asked.append((search.statuses[0], search.at, search.to, search.token))
            search = search.after(finances.Page([], tokens.pop(0) if tokens else ""))
        return asked

    def test_all_of_a_range_is_asked_once_for_each_status(self):
        since = NOW - timedelta(days=30)
        search = finances.begin(since, NOW, NOW)
        asked = self.walk(search)
        self.assertEqual(len(asked), search.remaining)
        for status in finances.STATUSES:
            slices = [one for one in asked if one[0] == status]
            self.assertEqual(slices[0][1], since)
            self.assertEqual(slices[-1][2], NOW - timedelta(minutes=3))
            for before, after in zip(slices, slices[1:], strict=False):
                self.assertEqual(before[2], after[1])
            self.assertLessEqual(max(one[2] - one[1] for one in slices), timedelta(days=14))

    def test_pages_stay_in_their_slice(self):
        search = finances.begin(NOW - timedelta(days=20), NOW, NOW, ("RELEASED",))
        asked = self.walk(search, ["a", "b"])
        self.assertEqual([one[3] for one in asked], ["", "a", "b", ""])
        self.assertEqual(len({one[1] for one in asked[:3]}), 1)

    def test_amazon_answers_nothing_of_more_than_180_days(self):
        search = finances.begin(NOW - timedelta(days=900), NOW, NOW)
        self.assertEqual(search.until - search.since, timedelta(days=180))

    def test_a_range_that_is_not_over_yet_or_none_at_all(self):
        self.assertEqual(
            finances.begin(NOW - timedelta(days=1), NOW + timedelta(days=9), NOW).until,
            NOW - timedelta(minutes=3),
        )
        for since in (NOW, NOW + timedelta(days=1)):
            self.assertTrue(finances.begin(since, NOW, NOW).is_over)

    def test_a_refused_slice_is_narrowed_and_a_refused_page_begins_again(self):
        search = finances.begin(NOW - timedelta(days=30), NOW, NOW)
        paged = search._replace(token="x")
        self.assertEqual(paged.narrowed(), search)
        seen = []
        while search:
            seen.append(search.hours)
            search = search.narrowed()
        self.assertEqual(seen, [336, 168, 84, 42, 21, 10, 5, 2, 1])

    def test_it_is_kept_between_two_questions(self):
        search = finances.begin(NOW - timedelta(days=30), NOW, NOW)._replace(token="x", hours=3)
        self.assertEqual(finances.unpack(json.loads(json.dumps(finances.pack(search)))), search)


class TestSummaries(FinancesCase):
    def summary(self, net=100, **values):
        return {
            "partnerMetadata": {"marketplaceId": "A1PA6795UKMFR9", "accountType": "Standard"},
            "netProceeds": money(net),
            "relatedIdentifiers": [
                {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "123"}
            ],
            "breakdowns": [node("Sales", 120.5), node("Expenses", -20.5)],
            **values,
        }

    def test_all_pages(self):
        self.wire.answers.clear()
        self.wire.say(200, {"summaries": [self.summary()], "nextToken": "more"})
        self.wire.say(200, {"summaries": [self.summary(0.01)]})
        found = finances.summaries(self.partner, "123")
        self.assertEqual([one.net for one in found], [100, Decimal("0.01")])
        self.assertEqual(
            found[0].breakdowns, (("Sales", Decimal("120.5")), ("Expenses", Decimal("-20.5")))
        )
        asked = {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "123"}
        self.assertEqual(self.query(0), asked)
        self.assertEqual(self.query(1), {**asked, "nextToken": "more"})

    def test_no_statement_is_an_answer_and_an_odd_one_is_none(self):
        self.say(200, {"summaries": []})
        self.assertEqual(finances.summaries(self.partner, "123"), [])
        other = [{"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "124"}]
        for body in (
            {},
            {"summaries": None},
            {"summaries": [self.summary(netProceeds=None)]},
            {"summaries": [self.summary(relatedIdentifiers=other)]},
        ):
            with self.subTest(json.dumps(body)), self.assertRaises(Retryable):
                self.say(200, body)
                finances.summaries(self.partner, "123")

    def test_pages_without_end_are_refused(self):
        self.say(200, {"summaries": [], "nextToken": "more"})
        with self.assertRaises(Rejected):
            finances.summaries(self.partner, "123")


class TestBalances(FinancesCase):
    """Amazon's own example, and what is no answer."""

    def balance(self, kind="TOTAL", amount=15000, *parts, **values):
        return {"balanceType": kind, "amount": money(amount), "balances": list(parts), **values}

    def whole(self, **values):
        kept = (self.balance("DEFERRED", 9000.01), self.balance("ACCOUNT_LEVEL_RESERVE", -2000))
        metadata = {"accountType": "Standard Orders", "marketplaceId": "A1PA6795UKMFR9"}
        return self.balance(
            *("TOTAL", 15000.01, self.balance("AVAILABLE", 8000)),
            self.balance("RESERVED", 7000.01, *kept),
            **{"partnerMetadata": metadata, "asOfDate": "2026-01-31T00:00:00Z", **values},
        )

    def ask(self, *balances, day=date(2026, 1, 31), **values):
        self.say(200, {"balances": list(balances), **values})
        return finances.list_balances(self.partner, day)

    def test_a_past_day_is_asked_for_and_every_part_is_read(self):
        (found,) = self.ask(self.whole())
        self.assertEqual(self.query(), {"asOfDate": "2026-01-31"})
        self.assertEqual(found[:3], ("A1PA6795UKMFR9", "Standard Orders", "EUR"))
        self.assertEqual(
            found.amounts,
            {
                "TOTAL": Decimal("15000.01"),
                "AVAILABLE": 8000,
                "RESERVED": Decimal("7000.01"),
                "DEFERRED": Decimal("9000.01"),
                "ACCOUNT_LEVEL_RESERVE": -2000,
            },
        )
        self.ask(self.whole(asOfDate=None), day=None)
        self.assertEqual(self.query(), {})

    def test_a_part_beside_its_whole_counts_once(self):
        metadata = self.whole()["partnerMetadata"]
        part = self.balance("DEFERRED", 9000.01, partnerMetadata=metadata)
        self.assertEqual(self.ask(self.whole(), part), self.ask(self.whole()))

    def test_all_pages(self):
        self.wire.answers.clear()
        self.wire.say(200, {"balances": [self.whole()], "nextToken": "more"})
        self.wire.say(200, {"balances": [self.whole(partnerMetadata={})]})
        found = finances.list_balances(self.partner, date(2026, 1, 31))
        self.assertEqual([one.marketplace_ref for one in found], ["A1PA6795UKMFR9", ""])
        self.assertEqual(self.query(1), {"asOfDate": "2026-01-31", "nextToken": "more"})

    def test_an_odd_answer_is_none_and_no_balance_is_one(self):
        self.assertEqual(self.ask(), [])
        metadata = self.whole()["partnerMetadata"]
        for balances in (
            None,
            [self.balance("HELD", 1)],
            [{**self.whole(), "amount": {"currencyAmount": "1", "currencyCode": "EUR"}}],
            [self.whole(asOfDate="2026-01-30")],
            [self.whole(), self.balance("DEFERRED", 9000.02, partnerMetadata=metadata)],
        ):
            with self.subTest(json.dumps(balances)), self.assertRaises(Retryable):
                self.say(200, {"balances": balances})
                finances.list_balances(self.partner, date(2026, 1, 31))


if __name__ == "__main__":
    unittest.main()

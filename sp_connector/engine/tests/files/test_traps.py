"""The traps of settlement files, one by one (docs/facts/settlement-files.md, chains.md)."""

import unittest
from datetime import date, timedelta
from decimal import Decimal

from ...books.entry import plan_entries
from ...words.classify import shipped_rules
from ..golden import ACCOUNTS
from ..helpers import (
    V1_COLUMNS,
    classifier,
    codes,
    head,
    plan_lines,
    read,
    row,
    rows_of,
    sample,
    settle,
    settlements,
    table,
    v1_row,
)

PRINCIPAL = "Order/ItemPrice/Principal"


def amount_of(settlement, category):
    """The sum of a settlement's lines of one category."""
    lines = settlement.lines.values()
    return sum((line.amount for line in lines if line.category == category), Decimal(0))


def words_of(settlement, category):
    return {
        " / ".join(key[2:5]) for key, line in settlement.lines.items() if line.category == category
    }


def balances(settlement):
    """{account: balance} of the planned entry, which is proved."""
    plan = plan_entries(settlement.header.amount_total, plan_lines(settlement), ACCOUNTS)
    assert plan.proved, plan
    found = {}
    for item in plan.parts[0].items:
        found[item.account] = found.get(item.account, 0) + item.balance
    return found


class TestArithmetic(unittest.TestCase):
    def test_identical_rows_both_count(self):
        """Two byte-identical blocks are two sales; removing one loses money."""
        data = sample("v2_au_aud_gross_net.txt")
        lines = data.splitlines()
        self.assertEqual(lines[9:12], lines[12:15], "the sample has the two blocks")
        self.assertTrue(settle(data).proved)
        once = b"\n".join([*lines[:12], *lines[15:]])
        settlement = settle(once)
        self.assertFalse(settlement.proved)
        self.assertEqual(settlement.difference, Decimal("4.95"))

    def test_identical_rows_keep_their_own_lines(self):
        """What tells one row from another is its line, not its content."""
        rows = rows_of(table(head(), *[row(PRINCIPAL, "5.00")] * 2))
        self.assertEqual([found.line for found in rows], [3, 4])
        self.assertEqual(rows[0][1:], rows[1][1:])

    def test_a_settlement_that_comes_twice_in_one_file_is_held(self):
        """Never add."""
        data = sample("v2_zero.txt")
        settlement = settle(data + data)
        self.assertEqual(settlement.difference, 0, "the sum does not tell")
        self.assertEqual(codes(settlement.problems), ["repeated_settlement"])
        self.assertFalse(settlement.proved)

    def test_a_settlement_is_known_again_whatever_its_file(self):
        """Under two report ids it is one settlement; in V1 it is another form of it."""
        data = sample("v2_uk_gbp.txt")
        again = settle(data.replace(b"\n", b"\r\n"))
        self.assertEqual(again.digest, settle(data).digest)
        self.assertEqual(again.header.settlement_ref, "99000000101")
        v1 = table(head("1.00"), v1_row("Order", price_amount="1.00"), columns=V1_COLUMNS)
        self.assertNotEqual(
            settle(v1).digest, settle(table(head("1.00"), row(PRINCIPAL, "1.00"))).digest
        )

    def test_a_report_that_does_not_sum_is_held_with_its_difference(self):
        """Nothing is plugged."""
        settlement = settle(sample("v2_does_not_sum.txt"))
        self.assertEqual(settlement.difference, Decimal("0.01"))
        self.assertFalse(settlement.proved)

    def test_a_missing_reserve_row_shows_as_difference(self):
        """The known cause of inconsistent settlements."""
        lines = sample("v2_uk_gbp.txt").splitlines()
        self.assertIn(b"Current Reserve Amount", lines[-1])
        self.assertEqual(settle(b"\n".join(lines[:-1])).difference, Decimal("-80.00"))

    def test_a_truncated_file_is_never_proved(self):
        """Cut anywhere before the last amount is complete."""
        for name in ("v2_uk_gbp.txt", "v2_negative.txt", "v1_ca_cad_36_columns.txt"):
            data = sample(name)
            end = data.rindex(b"-80.00") if b"-80.00" in data else data.rstrip().rindex(b"-")
            for cut in range(0, end, 29):
                for settlement in settlements(data[:cut]).values():
                    self.assertFalse(settlement.proved, (name, cut))

    def test_spreadsheet_damage_is_named(self):
        """2.47E+10 instead of a settlement id."""
        report = read(sample("refused_spreadsheet.txt"))
        self.assertEqual(codes(report.problems), ["spreadsheet"])
        self.assertEqual(report.headers, {})

    def test_all_nine_amount_columns_of_v1_count(self):
        """Also the tax of advertising, in a second column of the same row."""
        rows = [found for found in rows_of(sample("v1_ca_cad_36_columns.txt")) if found.line == 21]
        self.assertEqual([str(found.amount) for found in rows], ["-15.00", "-1.80"])
        self.assertEqual([found.amount_description for found in rows],
                         ["Cost of Advertising", "TaxAmount"])  # fmt: skip
        settlement = settle(sample("v1_ca_cad_36_columns.txt"))
        self.assertEqual(amount_of(settlement, "advertising"), Decimal("-16.80"))
        self.assertTrue(settlement.proved)

    def test_rows_without_money_are_counted_and_no_error(self):
        """A V1 quantity row, a V2 row of 0.00, a blank amount."""
        quantity = rows_of(sample("v1_ca_cad_33_columns.txt"))[2]
        self.assertEqual((quantity.amount, quantity.quantity), (0, 1))
        text = table(head("5.00"), row(PRINCIPAL, "5.00"), row(PRINCIPAL, "0.00"), row(PRINCIPAL))
        settlement = settle(text)
        self.assertEqual((settlement.row_count, settlement.bad_count), (3, 0))
        self.assertTrue(settlement.proved)

    def test_no_payout_row_is_expected(self):
        """Guides show a Transfer row of minus the total; real files have none."""
        for name in ("v2_uk_gbp.txt", "v2_us_usd.txt", "v1_ca_cad_36_columns.txt"):
            settlement = settle(sample(name))
            self.assertTrue(settlement.proved)
            self.assertNotIn("Transfer", {key.transaction_type for key in settlement.lines})

    def test_a_made_up_transfer_row_is_not_left_out(self):
        """Where a file has one, it counts, and so the file does not prove."""
        text = table(head("5.00"), row(PRINCIPAL, "5.00"), row("Transfer//", "-5.00"))
        settlement = settle(text)
        self.assertEqual(settlement.difference, 5)
        self.assertFalse(settlement.proved)

    def test_advertising_is_in_the_settlement(self):
        """Guides say ads never appear."""
        found = classifier().match("ServiceFee", "Cost of Advertising", "TransactionTotalAmount")
        self.assertEqual((found.category, found.level), ("advertising", "exact"))


class TestTime(unittest.TestCase):
    def test_reserve_and_carried_balance_go_with_the_period_end(self):
        """A flag of the rules, which are data."""
        flagged = {rule.category for rule, _evidence in shipped_rules() if rule.at_period_end}
        self.assertEqual(flagged, {"reserve", "carried_balance"})
        for rule, _evidence in shipped_rules():
            if rule.category in flagged:
                self.assertTrue(rule.at_period_end, rule.key)
                self.assertTrue(classifier().match(*rule.words).at_period_end)

    def test_a_reserve_posted_in_the_next_month_stays_with_this_settlement(self):
        """It is posted 8 seconds after the end."""
        rows = [
            row(PRINCIPAL, "9.00", posted_date_time="2026-04-30 23:59:59 UTC"),
            row(
                "other-transaction/other-transaction/Current Reserve Amount",
                *("-4.00",),
                posted_date_time="2026-05-01 00:00:08 UTC",
            ),
        ]
        settlement = settle(table(head("5.00", settlement_end_date="2026-05-01"), *rows))
        months = {line.category: key.month for key, line in settlement.lines.items()}
        self.assertEqual(months, {"sales": date(2026, 4, 1), "reserve": None})

    def test_months_of_a_settlement_add_up_to_its_total(self):
        """Parts by month, and what goes with the end, make the total."""
        for name in ("v2_uk_gbp_next.txt", "v2_eu_eur_mix.txt", "v2_jp_jpy.txt"):
            settlement = settle(sample(name))
            months = {}
            for key, line in settlement.lines.items():
                months[key.month] = months.get(key.month, 0) + line.amount
            self.assertEqual(len(months), 3)
            self.assertEqual(sum(months.values()), settlement.header.amount_total)


class TestBalanceRows(unittest.TestCase):
    def test_a_negative_settlement_is_a_debt(self):
        """A credit on the clearing account, and no deposit."""
        settlement = settle(sample("v2_negative.txt"))
        self.assertTrue(settlement.proved)
        self.assertEqual(balances(settlement)["clearing"], Decimal("-56.06"))

    def test_the_next_settlement_carries_the_debt_and_its_payment(self):
        """Payable to Amazon clears it, Successful charge is the card."""
        first = settle(sample("v1_ca_cad_33_columns.txt"))
        second = settle(sample("v1_ca_cad_36_columns.txt"))
        debt = first.header.amount_total
        self.assertEqual(debt, Decimal("-286.93"))
        self.assertEqual(amount_of(second, "carried_balance"), debt)
        self.assertEqual(amount_of(second, "card_charge"), -debt)
        # Over the chain, clearing holds nothing but the last total.
        found = balances(second)
        self.assertEqual(found["carried_balance"], -debt)
        self.assertEqual(
            balances(first)["clearing"] + found["carried_balance"],
            0,
        )
        self.assertEqual(found["card_charge"], debt)

    def test_a_small_debt_is_carried_without_a_charge(self):
        """C11"""
        third = settle(sample("v1_ca_cad_37_columns.txt"))
        self.assertEqual(amount_of(third, "carried_balance"), Decimal("-6.68"))
        self.assertEqual(amount_of(third, "card_charge"), 0)

    def test_a_charge_inside_the_period_is_no_income(self):
        """The fee stays an expense, the card account is credited."""
        for name, fee in (("v2_negative.txt", "30.00"), ("v1_ca_cad_33_columns.txt", "32.09")):
            settlement = settle(sample(name))
            found = balances(settlement)
            self.assertEqual(found["subscription"], Decimal(fee))
            self.assertEqual(found["card_charge"], -Decimal(fee))
            self.assertEqual(amount_of(settlement, "reimbursements"), 0)

    def test_a_zero_settlement_books_everything(self):
        """Nothing is paid, the reserve balances."""
        settlement = settle(sample("v2_zero.txt"))
        self.assertEqual(settlement.header.amount_total, 0)
        self.assertTrue(settlement.proved)
        found = balances(settlement)
        self.assertNotIn("clearing", found)
        self.assertEqual(found["sales"], Decimal("-65.00"))
        self.assertEqual(found["reserve"], Decimal("10.51"))
        self.assertEqual(sum(found.values()), 0)

    CHAINS = (
        ("v2_uk_gbp.txt", "v2_uk_gbp_next.txt"),
        ("v2_us_usd.txt", "v2_us_short_rows_crlf.txt"),
    )

    def test_previous_reserve_is_minus_the_current_reserve_before(self):
        """C14"""
        for before, after in self.CHAINS:
            held, released = (
                {
                    key.amount_description: line.amount
                    for key, line in settle(sample(name)).lines.items()
                    if line.category == "reserve"
                }
                for name in (before, after)
            )
            self.assertEqual(
                released["Previous Reserve Amount Balance"], -held["Current Reserve Amount"]
            )

    def test_the_end_of_one_is_the_start_of_the_next(self):
        """C15"""
        v1 = [f"v1_ca_cad_{count}_columns.txt" for count in (33, 36, 37)]
        for before, after in (*self.CHAINS, *zip(v1, v1[1:], strict=False)):
            one, two = settle(sample(before)).header, settle(sample(after)).header
            self.assertEqual(one.date_end, two.date_start)
            self.assertGreater(one.date_deposit, one.date_end)

    def test_reserve_is_posted_seconds_after_the_end(self):
        """In the samples as in real files."""
        settlement = settle(sample("v2_uk_gbp.txt"))
        self.assertEqual(settlement.last_posted - settlement.header.date_end, timedelta(seconds=8))

    def test_a_failed_transfer_is_no_income(self):
        """C16"""
        settlement = settle(sample("v2_ca_cad.txt"))
        self.assertEqual(amount_of(settlement, "failed_transfer"), Decimal("85.40"))

    def test_debts_between_marketplaces_are_cleared(self):
        """C17"""
        settlement = settle(sample("v2_eu_eur_mix.txt"))
        self.assertEqual(amount_of(settlement, "debt_adjustment"), Decimal("-7.50"))

    def test_a_micro_deposit_is_a_bank_verification(self):
        """Minus one cent, to clearing."""
        settlement = settle(sample("v1_ca_cad_36_columns.txt"))
        self.assertEqual(amount_of(settlement, "bank_verification"), Decimal("-0.01"))
        self.assertEqual(
            words_of(settlement, "bank_verification"), {"Micro Deposit / V1:other-amount / "}
        )

    def test_a_loan_is_no_expense(self):
        """C19"""
        self.assertEqual(amount_of(settle(sample("v2_us_usd.txt")), "loan"), Decimal("-50.00"))


class TestMarkets(unittest.TestCase):
    def test_one_settlement_holds_several_marketplaces(self):
        """By currency; the marketplace is on the row, blank on account rows."""
        settlement = settle(sample("v2_eu_eur_mix.txt"))
        places = {key.marketplace_name for key in settlement.lines}
        self.assertEqual(
            places, {"", "Non-Amazon", "Amazon.de", "Amazon.fr", "Amazon.it", "Amazon.es"}
        )

    def test_multichannel_orders_are_fees_of_another_channel(self):
        """No sale, and the fees stay apart from those of Amazon's marketplaces."""
        for name, place, fees in (
            ("v2_us_usd.txt", "Non-Amazon US", "-12.95"),
            ("v2_ca_cad.txt", "Non-Amazon CA", "-11.52"),
            ("v2_eu_eur_mix.txt", "Non-Amazon", "-9.30"),
            ("v1_ca_cad_36_columns.txt", "Non-Amazon CA", "-11.52"),
        ):
            lines = settle(sample(name)).lines.items()
            found = {}
            for key, line in lines:
                if key.marketplace_name == place:
                    found[line.category] = found.get(line.category, 0) + line.amount
            self.assertEqual(found, {"sales": 0, "fba_fees": Decimal(fees)}, name)

    def test_a_blank_marketplace_beside_an_order_is_kept_blank(self):
        """Nothing is guessed and nothing dropped."""
        text = table(
            *(head(), row(PRINCIPAL, "4.00", order_id="1", marketplace_name="Amazon.de")),
            row(PRINCIPAL, "6.00", order_id="1"),
        )
        settlement = settle(text)
        found = {key.marketplace_name: line.amount for key, line in settlement.lines.items()}
        self.assertEqual(found, {"Amazon.de": 4, "": 6})
        self.assertTrue(settlement.proved)

    def test_gross_or_net_is_decided_per_order_item(self):
        """One file has both; the Tax row beside the price tells."""
        settlement = settle(sample("v2_au_aud_gross_net.txt"))
        found = {}
        for key, line in settlement.lines.items():
            if key.amount_description == "Principal" and key.transaction_type == "Order":
                found[key.tax_form] = found.get(key.tax_form, 0) + line.amount
        self.assertEqual(found, {"gross": 44, "net": 40, "withheld": 50})

    def test_two_items_of_one_order_differ(self):
        """Not by order, and not by SKU."""
        text = table(
            head("33.00"),
            row(PRINCIPAL, "11.00", order_id="1", order_item_code="1", sku="A"),
            row(PRINCIPAL, "20.00", order_id="1", order_item_code="2", sku="A"),
            row("Order/ItemPrice/Tax", "2.00", order_id="1", order_item_code="2", sku="A"),
        )
        found = {key[4:7]: line.amount for key, line in settle(text).lines.items()}
        self.assertEqual(
            found,
            {
                ("Principal", "", "gross"): 11,
                ("Principal", "", "net"): 20,
                ("Tax", "", "net"): 2,
            },
        )

    def test_a_tax_row_of_zero_is_a_form_of_its_own(self):
        """The tax on that item is nothing, so there is none in its price either."""
        text = table(
            *(head("5.00"), row(PRINCIPAL, "5.00", order_id="1")),
            row("Order/ItemPrice/Tax", "0.00", order_id="1"),
        )
        forms = {line.category: key.tax_form for key, line in settle(text).lines.items()}
        self.assertEqual(forms, {"sales": "zero", "sales_tax": "zero"})

    def test_tax_that_the_marketplace_keeps_marks_the_item(self):
        """US, UK and EU: collected and withheld beside one price, of the same or another row."""
        for words in (
            "Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal",
            "Order/ItemFees/MarketplaceFacilitatorVAT-Principal",
            "Order/ItemWithheldTax/LowValueGoodsTax-Principal",
        ):
            text = table(
                *(head("5.00"), row(PRINCIPAL, "5.00"), row("Order/ItemPrice/Tax", "1.00")),
                row(words, "-1.00"),
            )
            forms = {line.category: key.tax_form for key, line in settle(text).lines.items()}
            self.assertEqual(forms["sales"], "withheld", words)
            self.assertEqual(forms["sales_tax"], "withheld", words)

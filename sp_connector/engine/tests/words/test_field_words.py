"""Small files with the words that sellers met and no tool knew: each row in its category."""

import unittest

from .. import helpers
from ..helpers import V1_COLUMNS, head, row, table, v1_row

#: GST on fees, easy ship, refunds of fees, a debt between two settlements of one period.
INDIAN_WEEK = table(
    head("1044.53", currency="INR"),
    row("Order/ItemPrice/Principal", "1000.00"),
    row("Order/ItemPrice/Product Tax", "180.00"),
    row("Order/ItemTCS/TCS-IGST", "-5.00"),
    row("Order/ItemTDS/TDS (Section 194-O)", "-1.00"),
    row("Order/ItemFees/Commission", "-100.00"),
    row("Order/ItemFees/Commission IGST", "-18.00"),
    row("Refund/ItemFees/Fixed closing fee", "20.00"),
    row("Refund/ItemFees/Fixed closing fee IGST", "3.60"),
    row("Refund/ItemFees/Technology Fee UTGST", "0.90"),
    row("Fulfillment Fee Refund/Item Fee Adjustment/FBA Weight Handling Fee", "50.00"),
    row("Fulfillment Fee Refund/Item Fee Adjustment/FBA Weight Handling Fee CGST", "4.50"),
    row("Fulfillment Fee Refund/Item Fee Adjustment/FBA Weight Handling Fee SGST", "4.50"),
    row("other-transaction/other-transaction/Amazon Easy Ship Charges", "-70.00"),
    row("other-transaction/other-transaction/MFNPostagePurchaseCompleteIGST", "-12.60"),
    row("other-transaction/other-transaction/StorageBillingIGST", "-0.90"),
    row("other-transaction//Amazon Easy Ship Weight Handling Fee Reversal", "60.00"),
    row("other-transaction//Amazon Easy Ship Weight Handling Fee Reversal IGST", "10.80"),
    row("Other/Other transactions/Reimbursement for Lost packages", "158.00"),
    row("FBAFees/FBA Inventory Storage Fee/Base fee", "-9.00"),
    row("FBAFees/FBA Inventory Storage Fee/Tax on fee CGST", "-0.81"),
    row("FBAFees/FBA Inventory Storage Fee/Tax on fee SGST", "-0.81"),
    row("FBAFees/Teleport Fee/Tax on fee CGST", "-0.45"),
    row("Debt Adjustment/Debt Adjustment/Debt adjustment against COD Transactions and "
        "Non-Transactional Fee Accounts", "-229.20"),
)  # fmt: skip


class TestFieldFiles(unittest.TestCase):
    def check(self, data, expected):
        """The file is proved, and its rows add up to these amounts by category."""
        settlement = helpers.settle(data)
        self.assertTrue(settlement.proved, settlement.problems)
        found = {}
        for line in settlement.lines.values():
            if line.has_amount:
                found[line.category] = found.get(line.category, 0) + line.amount
        self.assertEqual({name: str(amount) for name, amount in found.items()}, expected)
        return {key[2:5]: line for key, line in settlement.lines.items()}

    def test_instalments_that_a_spanish_seller_pays_for(self):
        data = table(
            head("80.50", currency="EUR"),
            row("Order/ItemPrice/Principal", "80.00"),
            row("Order/ItemPrice/Tax", "16.80"),
            row("Order/ItemFees/Commission", "-14.52"),
            row("Order/ItemFees/Flexible Customer Financing fee", "-1.78"),
        )
        self.check(data, {"sales": "80.00", "sales_tax": "16.80", "selling_fees": "-16.30"})

    def test_an_indian_week(self):
        lines = self.check(
            INDIAN_WEEK,
            {
                "sales": "1000.00",
                "sales_tax": "180.00",
                "tax_credit": "-15.27",
                "selling_fees": "-90.00",
                "fba_fees": "50.00",
                "storage_fees": "-9.00",
                "reimbursements": "158.00",
                "debt_adjustment": "-229.20",
            },
        )
        reversal = lines[
            "other-transaction", "", "Amazon Easy Ship Weight Handling Fee Reversal IGST"
        ]
        self.assertEqual((reversal.level, reversal.steps), ("derived", ("input_tax",)))
        teleport = lines["FBAFees", "Teleport Fee", "Tax on fee CGST"]
        self.assertEqual(teleport.level, "default")

    def test_rows_without_a_transaction_type(self):
        data = table(
            head("-10.62", currency="INR"),
            row("/FBA Inventory Storage Fee/Base fee", "-9.00"),
            row("/FBA Inventory Storage Fee/Tax on fee", "-1.62"),
        )
        self.check(data, {"storage_fees": "-10.62"})

    def test_v1_writes_withheld_tax_as_a_price(self):
        price = [("Principal", "1000.00"), ("Product Tax", "180.00"), ("TCS-IGST", "-5.00"),
                 ("TDS (Section 194-O)", "-1.00")]  # fmt: skip
        fee = [("Commission", "-100.00"), ("Commission IGST", "-18.00")]
        data = table(
            head("1056.00", currency="INR"),
            *(v1_row("Order", price_type=name, price_amount=amount) for name, amount in price),
            *(
                v1_row("Order", item_related_fee_type=name, item_related_fee_amount=amount)
                for name, amount in fee
            ),
            columns=V1_COLUMNS,
        )
        lines = self.check(
            data,
            {"sales": "1000.00", "sales_tax": "180.00", "tax_credit": "-24.00",
             "selling_fees": "-100.00"},
        )  # fmt: skip
        self.assertEqual({line.key.tax_form for line in lines.values()}, {"net", "none"})

    def test_a_japanese_storage_fee_s_reversal_and_correction(self):
        data = table(
            head("970", currency="JPY"),
            row("Order/ItemPrice/Principal", "1000"),
            row("Order/ItemFees/Commission", "-50"),
            row("other-transaction - Reversal/other-transaction/Storage Fee", "500"),
            row("other-transaction - Correction/other-transaction/Storage Fee", "-480"),
        )
        self.check(data, {"sales": "1000", "selling_fees": "-50", "storage_fees": "20"})

    def test_v1_writes_fees_of_fba_as_transaction_types(self):
        fees = {
            "FBA Inventory Storage Fee": "-120",
            "FBA Inventory Storage Fee - Reversal": "20",
            "FBA Removal Order: Return Fee": "-60",
            "FBA Amazon-Partnered Carrier Shipment Fee": "-300",
        }
        data = table(
            head("-460", currency="JPY"),
            *(v1_row(name, other_amount=amount) for name, amount in fees.items()),
            columns=V1_COLUMNS,
        )
        self.check(data, {"storage_fees": "-100", "fba_fees": "-360"})

    def test_the_fee_for_a_payment_method_is_part_of_the_sale(self):
        data = table(
            head("90.00", currency="AED"),
            row("Order/ItemPrice/Principal", "100.00"),
            row("Order/ItemPrice/PaymentMethodFee", "12.00"),
            row("Refund/ItemPrice/PaymentMethodFee", "-10.00"),
            row("Order/ItemFees/Commission", "-12.00"),
        )
        self.check(
            data,
            {"sales": "100.00", "shipping_income": "12.00", "refunds": "-10.00",
             "selling_fees": "-12.00"},
        )  # fmt: skip

    def test_the_buyer_s_tax_in_a_country_s_own_words_makes_the_price_net(self):
        for tax in ("Tax", "IGST", "Product VAT"):
            data = table(
                head("118.00", currency="INR"),
                row("Order/ItemPrice/Principal", "100.00", order_item_code="1"),
                row(f"Order/ItemPrice/{tax}", "18.00", order_item_code="1"),
            )
            settlement = helpers.settle(data)
            forms = {line.key.tax_form for line in settlement.lines.values()}
            self.assertEqual(forms, {"net"}, tax)

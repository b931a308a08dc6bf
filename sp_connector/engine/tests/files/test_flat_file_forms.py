"""Other forms of a settlement file: spreadsheets, decimal marks, V1; and what is refused."""

import csv
import io
import unittest
from decimal import Decimal

from ..helpers import (
    MOMENT,
    V1_AMOUNT_COLUMNS,
    V1_COLUMNS,
    V2_COLUMNS,
    codes,
    head,
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
V2_23 = V2_COLUMNS[:-1]


def as_csv(text, separator):
    """What a spreadsheet makes of a tab file."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\r\n").writerows(
        line.split("\t") for line in text.splitlines()
    )
    return stream.getvalue()


class TestSpreadsheet(unittest.TestCase):
    """Files that a spreadsheet saved as CSV."""

    def test_commas_and_semicolons(self):
        for name in ("v2_uk_gbp.txt", "v2_de_eur_comma.txt", "v1_ca_cad_36_columns.txt"):
            text = sample(name).decode()
            for separator in ",;":
                with self.subTest(name, separator=separator):
                    saved = as_csv(text, separator)
                    self.assertEqual(list(read(saved).rows()), list(read(text).rows()))
                    self.assertEqual(settle(saved).digest, settle(text).digest)
                    self.assertTrue(settle(saved).proved)

    def test_quotes_may_hold_separators_quotes_and_line_breaks(self):
        text = table(head("9.00"), row(PRINCIPAL, "5.00"), row(PRINCIPAL, "4.00"))
        rows = [line.split("\t") for line in text.splitlines()]
        rows[2][21] = 'A, "B";\nC'
        stream = io.StringIO()
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
        first, second = rows_of(stream.getvalue())
        self.assertEqual(first.sku, 'A, "B";\nC')
        self.assertEqual((first.line, second.line), (3, 5), "a row is where it starts")

    def test_an_open_quote_that_hides_rows_is_a_bad_row(self):
        """The hidden rows make zero, so the sum alone would not tell."""
        rows = [row(PRINCIPAL, "5.00"), row(PRINCIPAL, "1.00"), row(PRINCIPAL, "-1.00")]
        lines = as_csv(table(head("5.00"), *rows), ",").splitlines()
        lines[2] += '"'
        settlement = settle("\n".join(lines))
        self.assertEqual(codes(settlement.bad_rows), ["open_quote"])
        self.assertEqual(settlement.bad_rows[0].line, 3)
        self.assertFalse(settlement.proved)

    def test_several_tables(self):
        one = as_csv(table(head("5.00", "1"), row(PRINCIPAL, "5.00", "1")), ",")
        two = as_csv(table(head("7.00", "2"), row(PRINCIPAL, "7.00", "2"), columns=V2_23), ",")
        found = settlements(one + two)
        self.assertTrue(all(settlement.proved for settlement in found.values()))
        self.assertEqual([settlement.header.line for settlement in found.values()], [2, 5])

    def test_blank_rows_and_preamble(self):
        text = as_csv(table(head("5.00"), row(PRINCIPAL, "5.00")), ",")
        text = "Settlement,,\r\n,,\r\n" + text + ",,,,\r\n\r\n"
        self.assertTrue(settle(text).proved)
        self.assertEqual(rows_of(text)[0].line, 5)

    def test_bad_rows_and_nul_bytes(self):
        lines = as_csv(table(head("5.00"), row(PRINCIPAL, "5.00")), ",").splitlines()
        self.assertEqual(codes(settle("\n".join([*lines, "42,,,,,,Order"])).bad_rows), ["cut_off"])
        padded = [lines[0], lines[1], lines[2].replace(MOMENT, MOMENT + " " * 2000), "42,\x00"]
        report = read("\n".join(padded))
        found = codes(settle("\n".join(padded)).bad_rows) if report.headers else ["damaged"]
        self.assertIn(found, (["bad_row"], ["damaged"]))  # Python 3.10's csv refuses the file

    def test_a_field_beyond_csv_limits_is_a_problem(self):
        # Odoo raises the limit for its whole process.
        self.addCleanup(csv.field_size_limit, csv.field_size_limit(131_072))
        text = as_csv(table(head("5.00"), row(PRINCIPAL, "5.00", sku="x" * 200_000)), ",")
        self.assertEqual(codes(read(text).problems), ["damaged"])

    def test_scientific_settlement_id(self):
        for ref in ("2.47E+10", "2,47E+10"):
            report = read(table(head(ref=ref), row(PRINCIPAL, "10.00", ref)))
            self.assertEqual(codes(report.problems), ["spreadsheet"])
            self.assertIn(ref, report.problems[0].text)
            self.assertEqual(report.problems[0].line, 2)
            self.assertFalse(report.headers)
            self.assertFalse(settlements(table(head(ref=ref), row(PRINCIPAL, "10.00", ref))))


class TestDecimalMark(unittest.TestCase):
    """By each value, whatever the currency, and proved by the total."""

    def test_comma_and_point_in_eur(self):
        for total, amounts in (("7,50", ("5,00", "2,50")), ("7.50", ("5.00", "2.50"))):
            rows = [row(PRINCIPAL, amount) for amount in amounts]
            settlement = settle(table(head(total, currency="EUR"), *rows))
            self.assertEqual(settlement.amount_rows, Decimal("7.50"))
            self.assertTrue(settlement.proved)

    def test_point_and_comma_in_gbp(self):
        self.assertTrue(settle(table(head("7,50"), row(PRINCIPAL, "7,50"))).proved)

    def test_thousands_of_yen(self):
        for total, amount in (("5,121", "5,121"), ("5.121", "5.121"), ("5121", "5121")):
            settlement = settle(table(head(total, currency="JPY"), row(PRINCIPAL, amount)))
            self.assertEqual(settlement.amount_rows, 5121)
            self.assertTrue(settlement.proved)


class TestV1(unittest.TestCase):
    def test_each_amount_column_counts(self):
        for number, name in enumerate(V1_AMOUNT_COLUMNS):
            settlement = settle(
                table(head(f"{number}.50"), v1_row("Order") | {name: f"{number}.50"},
                      columns=V1_COLUMNS)
            )  # fmt: skip
            self.assertTrue(settlement.proved, name)
            self.assertEqual(settlement.flavour, "v1")

    def test_all_in_one_line(self):
        cells = {name: "1.00" for name in V1_AMOUNT_COLUMNS}
        text = table(head("9.00"), v1_row("Order") | cells, columns=V1_COLUMNS)
        rows = rows_of(text)
        self.assertEqual([found.part for found in rows], list(range(9)))
        self.assertEqual([found.amount_type for found in rows],
                         [f"V1:{name}" for name in V1_AMOUNT_COLUMNS])  # fmt: skip
        self.assertEqual({found.line for found in rows}, {3})
        self.assertTrue(settle(text).proved)

    def test_33_columns_without_promotion(self):
        columns = [name for name in V1_COLUMNS if not name.startswith("promotion")]
        self.assertEqual(len(columns), 33)
        text = table(head("5.00"), v1_row("Order", price_amount="5.00"), columns=columns)
        self.assertTrue(settle(text).proved)
        self.assertEqual(rows_of(text)[0].promotion_ref, "")

    def test_words_name_the_column(self):
        (found,) = rows_of(
            table(
                head("5.00"),
                v1_row("Order", item_related_fee_type="Commission", item_related_fee_amount="5.00"),
                columns=V1_COLUMNS,
            )
        )
        self.assertEqual(found[3:6], ("Order", "V1:item-related-fee-amount", "Commission"))


class TestRefused(unittest.TestCase):
    """Each input that is no settlement says what it is and what to download instead."""

    def check(self, code, data, *words):
        report = read(data)
        self.assertEqual(codes(report.problems), [code])
        self.assertFalse(report.headers)
        self.assertIsNone(report.problems[0].settlement_ref)
        for word in words:
            self.assertIn(word, report.problems[0].text)
        self.assertEqual(settlements(data), {})

    def test_date_range_report(self):
        self.check("date_range", sample("refused_date_range.csv"), "date-range", "Flat File V2")

    def test_date_range_report_in_german(self):
        text = (
            '"Umfasst Amazon Marketplace-, Versand durch Amazon- und Webstore-Transaktionen"\n'
            '"Alle Beträge in Euro sofern nicht anders gekennzeichnet"\n'
            '"Datum/Uhrzeit","Abrechnungsnummer","Typ","Bestellnummer","SKU","Gesamt"\n'
            '"01.12.2025 00:38:23 UTC","24702193891","Bestellung","303-1","A","5,00"\n'
        )
        self.check("date_range", text, "Flat File V2")

    def test_date_range_report_without_preamble(self):
        text = "date/time\tsettlement id\ttype\torder id\ttotal\n1 Dec 2025\t1\tOrder\tx\t5\n"
        self.check("date_range", text)

    def test_date_range_report_in_every_language(self):
        """Names of columns as sellers' programs know them; Turkish by its shape alone."""
        for names in (
            "date/time,settlement id,type,order id,sku",
            "Datum/Uhrzeit,Abrechnungsnummer,Typ,Bestellnummer,SKU",
            "date/heure,numéro de versement,type,numéro de la commande,sku",
            "date/heure,Identifiant du paiement,type,numéro commande,sku",
            "fecha y hora,identificador de pago,tipo,número de pedido,sku",
            "fecha/hora,Id. de liquidación,tipo,Id. del pedido,sku",
            "data/hora,id de liquidação,tipo,id do pedido,sku",
            "Data/Ora:,Numero pagamento,Tipo,Numero ordine,SKU",
            "datum/tijd,schikkings-ID,type,bestelnummer,sku",
            "datum/tid,reglerings-id,typ,beställnings-id,sku",
            "data/godzina,identyfikator rozliczenia,typ,identyfikator zamówienia,sku",
            "日付/時間,決済番号,トランザクションの種類,注文番号,SKU",
            "gün/an,x,y,z,sku",
        ):
            for preamble in ("", '"Some words"\n' * 7):
                for quoted in (names, '"' + names.replace(",", '","') + '"'):
                    self.check("date_range", f"{preamble}{quoted}\n1,2,3,4,5\n", "date-range")

    def test_amazon_pay(self):
        names = "TransactionPostedDate,SettlementId,AmazonTransactionId,SellerReferenceId"
        for text in (
            names,
            names.replace(",", "\t"),
            'SettlementId,1\n\n"Transaction Posted Date","Net Transaction Amount"',
        ):
            self.check("amazon_pay", text + "\n1\n", "Amazon Pay", "Flat File V2")

    def test_xml_report(self):
        self.check("xml_report", sample("refused_report.xml"), "11 November 2026", "Flat File V2")

    def test_other_xml(self):
        self.check("xml", '<?xml version="1.0"?><rss/>')

    def test_expired_link(self):
        text = '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
        self.check("expired_download", text, "expired")
        text = "<Error><Code>X</Code><Message>Request has expired</Message></Error>"
        self.check("expired_download", text)

    def test_web_page(self):
        self.check("html", sample("refused_page.html"), "Flat File V2")
        self.check("html", "\ufeff\n<HTML><body>settlement-id</body></HTML>")

    def test_json(self):
        self.check("json", '{"errors": [{"code": "QuotaExceeded"}]}')
        self.check("json", "[]")

    def test_pdf(self):
        self.check("not_text", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "PDF")

    def test_empty(self):
        self.check("empty", b"")
        self.check("empty", "\n\n \n")

    def test_any_other_text(self):
        self.check("not_a_settlement", "order-id\tsku\n1\tA\n", "settlement-id")
        self.check("not_a_settlement", "hello")

    def test_spreadsheet_damage(self):
        self.check("spreadsheet", sample("refused_spreadsheet.txt"), "2.47E+10")

    def test_header_beyond_the_first_lines_is_not_searched(self):
        self.check("not_a_settlement", "\n" * 60 + table(head(), row(PRINCIPAL, "10.00")) + "x")

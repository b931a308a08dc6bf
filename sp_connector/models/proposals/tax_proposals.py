"""What is proposed for the taxes of a seller, by where it is established and where it sells.

Data, not law: a summary of what accountants' tools do, which an accountant must confirm. A country
that is not here has no proposals.
"""

from datetime import date
from typing import NamedTuple

from odoo.tools import LazyTranslate

from ...engine.words.categories import TAX_ROWS

_lt = LazyTranslate(__name__)

# === WHAT IS TAXED === #

SALES = ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds")
CHARGEBACKS = ("chargeback",)
#: Billed by Amazon's company of the seller's country, whatever the marketplace.
MERCHANT = ("selling_fees", "subscription")
#: Done where the goods are.
FBA, STORAGE = ("fba_fees",), ("storage_fees",)
LOGISTICS = (*FBA, *STORAGE)
SERVICES = ("selling_fees", "fba_fees", "storage_fees", "subscription")
ADS = ("advertising",)
REIMBURSEMENTS = ("reimbursements",)
#: What a person decides together where nothing is proposed.
GROUPS = ((*SALES, *CHARGEBACKS), (*SERVICES, *ADS, "other"), REIMBURSEMENTS)

# === WHERE === #

EU = ("DE", "FR", "IT", "ES", "NL")
VAT = ("GB", *EU)
#: Amazon's marketplaces in the European Union, and in Europe with Britain.
EU_MARKETS = (*EU, "BE", "PL", "SE", "IE")
EUROPE = (*EU_MARKETS, "GB")
#: Their fees bear the VAT of the seller's country; those of Poland and Turkey local VAT
#: (A2X help 9950331, from the invoices of August 2024).
HOME_BILLED = tuple(code for code in EUROPE if code != "PL")
LOCALLY_BILLED = ("PL", "TR")
OVERSEAS = ("US", "CA", "AU", "JP")
#: Marketplaces outside Europe.
ABROAD = (*OVERSEAS, "MX", "BR", "SG", "IN", "AE", "SA", "EG", "ZA", "TR")
EVERYWHERE = (*EUROPE, *ABROAD)
#: Where a company may be established to get proposals.
COVERED = (*VAT, *OVERSEAS)
#: Standard rates. Those of a market are for companies registered there, or by OSS.
RATES = {
    "GB": 20,
    "DE": 19,
    "FR": 20,
    "IT": 22,
    "ES": 21,
    "NL": 21,
    "BE": 21,
    "PL": 23,
    "SE": 25,
    "IE": 23,
    "AU": 10,
    "CA": 5,
    "JP": 10,
}
OWN, NO_PLACE = ("own",), ("no place",)
#: From this day Amazon's fees carry the VAT of the seller's country, where it is one of ``VAT``,
#: Belgium, Poland or Sweden (Amazon's announcement; A2X help 9566245).
LOCAL_FEES = date(2024, 8, 1)


class Proposal(NamedTuple):
    """What becomes lines of the account mapping, one for each of its categories.

    :param home: countries of establishment it is for
    :param markets: countries of the marketplaces, ``OWN`` for the seller's, ``NO_PLACE`` for a
        line without a marketplace
    :param tax: a key of ``TAXES``, ``""`` for none
    :param is_certain: proposed with its box ticked; others need a person's decision first
    :param registered: where the company must be registered: at ``home`` or in the ``market``;
        ``oss`` for the market or, inside the European Union, at home; ``no``: not at home;
        ``not market``: not there
    """

    home: tuple
    markets: tuple
    categories: tuple
    tax_mode: str
    tax: str
    reason: object
    is_certain: bool = True
    registered: str = "home"
    tax_form: str = ""
    tax_class: str = ""
    fulfillment: str = ""
    date_from: date | None = None


class Tax(NamedTuple):
    """How a tax is recognised among a company's own, by what it does and not by its name.

    :param type_tax_use: ``sale`` or ``purchase``
    :param shape: ``plain``, ``reverse`` (its parts add up to nothing) or ``zero``
    :param scope: preferred: ``consu`` (goods) or ``service``
    :param rate: ``None`` for the standard rate, ``market`` for the market's standard rate
    :param templates: {country: ids in Odoo's chart, the first that fits is preferred}
    """

    type_tax_use: str
    shape: str
    scope: str
    templates: dict
    rate: object = None


def _de(name):
    return (f"{name}_skr03", f"{name}_skr04")


def _es(name):
    return (f"account_tax_template_{name}",)


TAXES = {
    "sale": Tax(
        "sale",
        "plain",
        "consu",
        {
            "GB": ("ST11",),
            "DE": _de("tax_ust_19"),
            "FR": ("tva_normale",),
            "IT": ("22v",),
            "ES": _es("s_iva21b"),
            "NL": ("btw_21",),
            "AU": ("au_tax_sale_10",),
            "CA": ("gst_sale_tax_5",),
            "JP": ("l10n_jp_tax_sale_exc_10",),
        },
    ),
    "market": Tax("sale", "plain", "consu", {}, "market"),
    "sale_7": Tax("sale", "plain", "consu", {"DE": _de("tax_ust_7")}, 7),
    "sale_5_5": Tax("sale", "plain", "consu", {"FR": ("tva_reduite",)}, 5.5),
    "sale_10": Tax("sale", "plain", "consu", {"IT": ("10v",), "ES": _es("s_iva10b")}, 10),
    "sale_4": Tax("sale", "plain", "consu", {"IT": ("4v",), "ES": _es("s_iva4b")}, 4),
    "sale_9": Tax("sale", "plain", "consu", {"NL": ("btw_9",)}, 9),
    "zero": Tax("sale", "zero", "consu", {"GB": ("ST0",), "AU": ("au_tax_sale_exempt",)}, 0),
    # A supply to the marketplace itself. In the Union its box differs from country to country.
    "deemed": Tax("sale", "zero", "consu", {"GB": ("ST0",)}, 0),
    "export": Tax(
        "sale",
        "zero",
        "consu",
        {
            "GB": ("ST_0_EX",),
            "DE": _de("tax_export"),
            "FR": ("tva_sale_good_export_0",),
            "IT": ("00ex",),
            "ES": _es("s_iva0_g_e"),
            "NL": ("btw_X1",),
        },
        0,
    ),
    "input": Tax(
        "purchase",
        "plain",
        "service",
        {
            "GB": ("PT_20_S",),
            "DE": _de("tax_vst_19"),
            "FR": ("tva_acq_encaissement",),
            "IT": ("22as",),
            "ES": _es("p_iva21_sc"),
            "NL": ("btw_21_buy_d",),
            "AU": ("au_tax_purchase_10_service",),
            "CA": ("gst_purchase_tax_5",),
            "JP": ("l10n_jp_tax_purchase_exc_10",),
        },
    ),
    "input_zero": Tax("purchase", "zero", "service", {"GB": ("PT_0_EX",)}, 0),
    "reverse": Tax(
        "purchase",
        "reverse",
        "service",
        {
            "GB": ("PT_20_RCI",),
            # Odoo calls the tax on services from the Union "goods".
            "DE": _de("tax_eu_19_purchase_goods"),
            "FR": ("tva_intra_normale_services",),
            "IT": ("22rcs",),
            "ES": _es("p_iva21_sp_in"),
            "NL": ("btw_I_21_d",),
        },
    ),
}

# === THE PROPOSALS === #

_INCLUDED = _lt(
    "Your own taxable sales: the amounts include VAT unless a tax row stands beside the price. The "
    "file names neither the rate nor the buyer's country; check against Amazon's VAT report."
)
_DEEMED = _lt(
    "Amazon owes the VAT as deemed supplier, for example on low-value imports. Your own supply to "
    "the marketplace then bears no output VAT."
)
_DEEMED_EU = _lt(
    "Amazon owes the VAT as deemed supplier, for example on imports up to 150 EUR. Your supply is "
    "at 0 % or exempt with credit: let your accountant say which tax, by its box of the return."
)
_NOTHING_CHARGED = _lt(
    "Amazon calculated a tax of nothing: zero-rated goods, or a sale to a place outside. The tax "
    "return counts such sales; where they are exports, choose the tax of exports."
)
_NOTHING_CHARGED_EU = _lt(
    "Amazon calculated a tax of nothing: a sale to a business with a VAT number in another "
    "country, an export, or goods at a zero rate. Each has its own box of the return: let your "
    "accountant say which tax."
)
_CLASS = _lt(
    "For the SKUs that you put into this class under «Tax Classes and Product Lines». The others "
    "stay at the standard rate."
)
_CLASS_DEEMED = _lt(
    "Amazon owes the VAT on these SKUs too; the line of their class alone would leave them out of "
    "the zero-rated turnover."
)
_REVERSE_BEFORE = _lt(
    "Until 31 July 2024 Amazon billed from Luxembourg without VAT: reverse charge. August 2024 has "
    "transition credit notes."
)
_LOCAL = _lt(
    "Since 1 August 2024 Amazon bills sellers established here with local VAT. FBA fees of orders "
    "shipped abroad stay without it: check against Amazon's tax invoices."
)
_LOCAL_ADS = _lt(
    "Advertising was billed with 20 % VAT to British sellers earlier than the other fees. Amazon's "
    "tax invoices are the proof."
)
_EU_ADS = _lt(
    "Advertising in the European Union stays a reverse charge, at your own rate, also since August "
    "2024. Where Amazon's tax invoices show your VAT, choose the input tax instead."
)
_MERCHANT = _lt(
    "Since 1 August 2024 Amazon's company in your own country bills selling and subscription fees "
    "of all European marketplaces but Poland and Turkey, with your own VAT."
)
_LOCALLY = _lt(
    "Invoices for this marketplace generally bear its local VAT, which your own tax return does "
    "not deduct. Your accountant says whether you get it back there; until then: a cost."
)
_FBA_ABROAD = _lt(
    "FBA fees of orders shipped from or to another country are billed at 0 % since August 2024."
)
_LOGISTICS_ABROAD = _lt(
    "FBA and storage for another country: invoices show 0 %, your VAT or that of the country, by "
    "where the goods move. Look at Amazon's tax invoices, then decide."
)
_REVERSE_ABROAD = _lt(
    "Amazon bills advertising to registered sellers of other countries without VAT: reverse "
    "charge, at your own rate. Amazon's tax invoices are the proof."
)
_DIGITAL = _lt(
    "Selling fees and advertising are services over the internet: a reverse charge at your own "
    "rate if Amazon has your VAT number. Who bills them stands on Amazon's invoices."
)
_PHYSICAL = _lt(
    "FBA and storage are work done abroad, outside the scope of your own VAT. Foreign tax on them "
    "is a cost unless you are registered there."
)
_SCOPE = _lt("Compensation for lost or damaged stock is outside the scope of VAT.")
_SCOPE_US = _lt("Compensation for lost or damaged stock is no taxable sale.")
_CHARGEBACK = _lt(
    "A chargeback takes a sale back like a refund. Check that yours were taxed sales before you "
    "apply it."
)
_EXPORT = _lt(
    "Shipped by you from your own country: a zero-rated export, if you hold the proof of export. "
    "Amazon accounts for the tax of the buyer's country."
)
_LOCAL_STOCK = _lt(
    "Sold from Amazon's stock abroad: outside the scope of your own VAT. What you owe there is not "
    "known here."
)
_NOT_REGISTERED = _lt(
    "Not registered: no output tax is owed and Amazon's gross fee is the cost, so settlements are "
    "booked without tax and say so. Nothing needs to be decided until you are registered."
)
NOTHING_KNOWN = _lt(
    "Nothing is proposed: your accountant says how this is taxed. Choose the tax, or «No tax». "
    "Until then a settlement with such an amount is held."
)
EVERYTHING_ELSE = _lt(
    "For marketplaces that are not listed here, and for rows without a marketplace in a currency "
    "that has none chosen above. Undecided, they are held: that is the safe choice."
)

_CLASSES = (
    ("GB", "zero", "zero"),
    ("DE", "reduced", "sale_7"),
    ("FR", "reduced", "sale_5_5"),
    ("IT", "reduced", "sale_10"),
    ("IT", "super_reduced", "sale_4"),
    ("ES", "reduced", "sale_10"),
    ("ES", "super_reduced", "sale_4"),
    ("NL", "reduced", "sale_9"),
)


def _class_proposals():
    for country, tax_class, tax in _CLASSES:
        home = (country,)
        yield Proposal(home, OWN, SALES, "output_included", tax, _CLASS, False, tax_class=tax_class)
        yield Proposal(
            home,
            OWN,
            SALES,
            "marketplace",
            "deemed",
            _CLASS_DEEMED,
            False,
            tax_form="withheld",
            tax_class=tax_class,
        )


PROPOSALS = (
    # The seller's own marketplace, United Kingdom and European Union
    Proposal(VAT, OWN, SALES, "output_included", "sale", _INCLUDED),
    Proposal(("GB",), OWN, SALES, "marketplace", "deemed", _DEEMED, tax_form="withheld"),
    Proposal(EU, OWN, SALES, "marketplace", "deemed", _DEEMED_EU, False, tax_form="withheld"),
    Proposal(("GB",), OWN, SALES, "output_included", "zero", _NOTHING_CHARGED, tax_form="zero"),
    Proposal(EU, OWN, SALES, "output_included", "zero", _NOTHING_CHARGED_EU, False,
             tax_form="zero"),
    *_class_proposals(),
    Proposal(VAT, OWN, CHARGEBACKS, "output_included", "sale", _CHARGEBACK, False),
    Proposal(VAT, OWN, SERVICES, "reverse_charge", "reverse", _REVERSE_BEFORE),
    Proposal(VAT, OWN, SERVICES, "input_included", "input", _LOCAL, date_from=LOCAL_FEES),
    Proposal(EU, OWN, ADS, "reverse_charge", "reverse", _EU_ADS),
    Proposal(("GB",), OWN, ADS, "input_included", "input", _LOCAL_ADS),
    Proposal(VAT, NO_PLACE, REIMBURSEMENTS, "none", "", _SCOPE),
    # Other marketplaces of Europe
    Proposal(("GB",), EU_MARKETS, SALES, "marketplace", "export", _lt(
        "Amazon owes the VAT of every sale in the European Union by a seller established outside. "
        "Goods shipped from Britain are a zero-rated export; from stock in the Union they are "
        "outside the scope of British VAT."
    ), False, tax_form="withheld"),
    Proposal(EU, ("GB",), SALES, "marketplace", "export", _lt(
        "Amazon owes British VAT on imports up to 135 GBP and on goods in Britain sold by overseas "
        "sellers. Goods shipped from your country are an export; those from stock in Britain are "
        "outside the scope of your VAT."
    ), False, tax_form="withheld"),
    Proposal(EU, EU_MARKETS, SALES, "marketplace", "deemed", _DEEMED_EU, False,
             tax_form="withheld"),
    Proposal(VAT, EUROPE, SALES, "output_included", "market", _lt(
        "Your own sales at the rate of the buyer's country: you are registered there, or above the "
        "OSS threshold of 10,000 EUR. The file cannot tell where a parcel went (Amazon.de also "
        "ships to Austria): check against Amazon's VAT report."
    ), False, "oss"),
    Proposal(VAT, EUROPE, SERVICES, "reverse_charge", "reverse", _REVERSE_BEFORE),
    Proposal(VAT, HOME_BILLED, MERCHANT, "input_included", "input", _MERCHANT,
             date_from=LOCAL_FEES),
    Proposal(VAT, ("PL",), MERCHANT, "none", "", _LOCALLY, False, date_from=LOCAL_FEES),
    Proposal(("GB",), EUROPE, FBA, "input_included", "input_zero", _FBA_ABROAD,
             date_from=LOCAL_FEES),
    Proposal(("GB",), EUROPE, STORAGE, "none", "", _LOGISTICS_ABROAD, False,
             date_from=LOCAL_FEES),
    Proposal(EU, EUROPE, LOGISTICS, "none", "", _LOGISTICS_ABROAD, False, date_from=LOCAL_FEES),
    Proposal(VAT, EUROPE, ADS, "reverse_charge", "reverse", _REVERSE_ABROAD),
    # Outside Europe
    Proposal(("GB",), ABROAD, SALES, "marketplace", "export", _EXPORT, fulfillment="MFN"),
    Proposal(EU, ABROAD, SALES, "marketplace", "export", _EXPORT, False, fulfillment="MFN"),
    Proposal(VAT, ABROAD, SALES, "none", "", _LOCAL_STOCK, fulfillment="AFN"),
    Proposal(VAT, ("TR",), MERCHANT, "none", "", _LOCALLY, False),
    Proposal(VAT, ("TR",), ADS, "reverse_charge", "reverse", _DIGITAL, False),
    Proposal(VAT, tuple(code for code in ABROAD if code != "TR"), (*MERCHANT, *ADS),
             "reverse_charge", "reverse", _DIGITAL, False),
    Proposal(("GB",), ABROAD, LOGISTICS, "none", "", _PHYSICAL),
    Proposal(EU, ABROAD, LOGISTICS, "none", "", _PHYSICAL, False),
    # United States: there is no VAT to deduct or to report
    Proposal(("US",), OWN, (*SALES, *CHARGEBACKS), "none", "", _lt(
        "Marketplace facilitator: Amazon collects and pays the sales tax. It is no part of your "
        "income. What it does not collect remains on the liability account."
    ), registered=""),
    Proposal(("US",), OWN, (*SERVICES, *ADS), "none", "", _lt(
        "Amazon's fees bear no sales tax that you could deduct: where a state taxes a service, its "
        "tax is part of your cost."
    ), registered=""),
    Proposal(("US",), NO_PLACE, REIMBURSEMENTS, "none", "", _SCOPE_US, registered=""),
    Proposal(("US",), EVERYWHERE, (*SERVICES, *ADS), "none", "", _lt(
        "Not registered there: foreign tax on Amazon's fees is part of your cost."
    ), registered="not market"),
    Proposal(("US",), EVERYWHERE, SALES, "none", "", _lt(
        "Amazon owes the tax of these sales, and at home there is no return that counts them."
    ), registered="not market", tax_form="withheld"),
    Proposal(("US",), EVERYWHERE, SALES, "none", "", _lt(
        "Amazon did not keep any tax of these sales. Without a registration there you book none; "
        "your accountant says whether you should have one."
    ), False, registered="not market"),
    Proposal(("US", "CA"), NO_PLACE, TAX_ROWS, "none", "", _lt(
        "Collected and withheld tax belong on one liability account, where they cancel. What "
        "remains there you owe to the state yourself."
    ), registered=""),
    # Canada
    Proposal(("CA",), OWN, SALES, "none", "", _lt(
        "Where Amazon collects GST, HST or PST as facilitator you owe none."
    ), tax_form="withheld"),
    Proposal(("CA",), OWN, SALES, "output_on_net", "sale", _lt(
        "Amazon pays you the GST or HST that it calculated, and you remit it. Its rate is that of "
        "the buyer's province: 5 % fits only where it was GST alone."
    ), False, tax_form="net"),
    Proposal(("CA",), OWN, (*SALES, *CHARGEBACKS), "none", "", _lt(
        "No tax stands beside these prices. Zero-rated goods bear none; if yours are taxable, the "
        "tax is inside: let your accountant say which one."
    ), False),
    Proposal(("CA",), OWN, ADS, "input_included", "input", _lt(
        "Advertising carries GST, HST or PST of your province; a registered seller recovers the "
        "GST or HST. Choose the tax that Amazon charged: 5 % fits only where it was GST alone."
    ), False),
    Proposal(("CA",), OWN, SERVICES, "input_included", "input", _lt(
        "Amazon's tax invoices say whether its fees carry GST or HST, and at which rate: choose "
        "that tax, or «No tax»."
    ), False),
    # Australia and Japan
    Proposal(("AU",), OWN, SALES, "output_included", "sale", _lt(
        "Prices include 10 % GST; where a tax row stands beside the price, that row is the tax. "
        "Amazon's files mix both, and each item decides by itself."
    )),
    Proposal(("AU",), OWN, SALES, "output_included", "zero", _lt(
        "Amazon calculated no GST: goods that are free of it. The return counts them; where they "
        "are exports, choose the tax of exports."
    ), tax_form="zero"),
    Proposal(("AU",), OWN, SALES, "marketplace", "zero", _lt(
        "Amazon owes the GST of low-value imports. Sales from stock in Australia by a registered "
        "seller are its own: ask your accountant why Amazon kept the tax."
    ), False, tax_form="withheld"),
    Proposal(("AU",), OWN, CHARGEBACKS, "output_included", "sale", _CHARGEBACK, False),
    Proposal(("AU",), OWN, ("selling_fees", "fba_fees"), "input_included", "input", _lt(
        "Commission and FBA fees were measured with 10 % GST inside, what Amazon takes back of "
        "delivery too."
    )),
    Proposal(("AU",), OWN, ("storage_fees", "subscription", *ADS), "input_included", "input", _lt(
        "Amazon's tax invoices say whether these carry 10 % GST: decide when you have seen one."
    ), False),
    Proposal(("JP",), OWN, SALES, "output_included", "sale", _lt(
        "Prices in Japan include 10 % consumption tax (8 % on food). Whether you owe it is to be "
        "checked with an accountant."
    ), False),
    Proposal(("JP",), OWN, CHARGEBACKS, "output_included", "sale", _CHARGEBACK, False),
    Proposal(("JP",), OWN, (*SERVICES, *ADS), "input_included", "input", _lt(
        "Amazon Japan charges sellers who reside there consumption tax on all of its services, and "
        "its reports show the amounts with it; who pays the tax deducts it."
    )),
    # Registered abroad
    Proposal(OVERSEAS, EUROPE, SALES, "output_included", "market", _lt(
        "You are registered there. Where Amazon is the deemed supplier (price form «Tax kept by "
        "the marketplace») no tax of yours is booked."
    ), False, "market"),
    # Not registered at home
    Proposal((*VAT, "CA", "AU", "JP"), NO_PLACE, (*SALES, *SERVICES, *ADS), "none", "",
             _NOT_REGISTERED, False, registered="no"),
)  # fmt: skip


def find_proposals(home, registered, markets):
    """Yield (proposal, country of the market or ``""``) for a seller.

    :param home: code of the country of establishment
    :param registered: codes of the countries in which it is registered for VAT, GST or the like
    :param markets: codes of the countries of its marketplaces
    """
    for place in (*markets, ""):
        for proposal in PROPOSALS:
            if home not in proposal.home:
                continue
            where = place or NO_PLACE[0]
            if (OWN[0] if place == home else where) not in proposal.markets:
                continue
            is_home, is_market = home in registered, place in registered
            is_union = is_home and home in EU and place in EU_MARKETS
            if {
                "": True,
                "home": is_home,
                "no": not is_home,
                "market": is_market,
                "not market": not is_market,
                "oss": is_market or is_union,
            }[proposal.registered]:
                yield proposal, place

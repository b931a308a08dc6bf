"""What only Odoo knows of a settlement: what the engine's decision asks for."""

import json
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial

from odoo import api, models

from ...engine.books.compare import compare
from ...engine.books.decide import Decision, Doubles, Facts, Opening, Rate
from ...engine.books.periods import Calendar
from ...engine.lines.summary import Grouping
from ...engine.words.categories import DEPOSIT


class SpSettlementFacts(models.AbstractModel):
    """Gives the engine the facts of a settlement, stored or not, and returns what it decides."""

    _name = "sp.settlement.facts"
    _description = "Facts for Decisions on Amazon Settlements"

    @api.model
    def _decide(self, settlement, mapping=None, classifier=None, lines=None):
        """Return the engine's ``Decision`` of a settlement as its company's books are now.

        :param mapping: the company's ``Mapping``, if the caller has it already
        :param classifier: what words mean now, where the lines may say what they meant before
        :param lines: the engine's lines, if not those that are stored, where nothing of these is
            owed on invoices
        """
        settlement.ensure_one()
        mapping = mapping or self.env["sp.account.mapping"]._mapping(settlement.company_id)
        stored = [line._plan_line(classifier) for line in settlement.line_ids]
        facts = self._facts(settlement, stored)
        if mapping.analytics.is_asked:
            facts = replace(facts, unanalysed=self._unanalysed(settlement))
        # What is owed on invoices is known of stored lines alone.
        if lines is None or facts.to_invoices().moved:
            lines = stored
        return Decision(lines, mapping, self._calendar(settlement), facts)

    def _facts(self, settlement, lines, invoiced_orders=None):
        """Return the engine's ``Facts``.

        :param invoiced_orders: as the company's field says, if not as it says now
        """
        company, currency = settlement.company_id, settlement.currency_id
        is_own = currency == company.currency_id
        double = self.env["sp.settlement.double"]
        invoices = self.env["sp.invoiced.finder"]
        goes = invoices._goes_to_invoices(company, invoiced_orders)
        find = cache(partial(invoices._find, settlement, lines))
        return Facts(
            amount_total=settlement._decimal(settlement.amount_total),
            amount_rows=settlement._decimal(settlement.amount_rows),
            has_total=settlement.has_total,
            is_damaged=bool(settlement.file_problem),
            unit=Decimal(1).scaleb(-currency.decimal_places),
            marketplace=settlement._place().id or None,
            each_paid=settlement._as_invoice(),
            is_registered=company._sp_is_registered(),
            lacks=tuple(self._lacks(settlement)),
            is_currency_active=currency.active,
            holds_locked=company.sudo().sp_lock_policy == "hold",
            has_exchange_journal=is_own or bool(company.sudo().currency_exchange_journal_id),
            rate_days=company.sudo().sp_rate_days,
            tax_on=partial(self._tax_on, settlement),
            rate=cache(partial(self._rate, settlement)),
            opening=cache(partial(self._opening, settlement)),
            archived=partial(self._archived, settlement),
            other_books=partial(self._other_books, settlement),
            not_in_use=partial(self._not_in_use, settlement),
            doubles=partial(self._doubles, settlement),
            elsewhere=partial(double._is_elsewhere, settlement),
            invoiced=partial(invoices._doubles, settlement, find, goes),
            to_invoices=partial(invoices._to_invoices, settlement, lines, find, goes),
            stock=partial(self.env["sp.cost"]._stock, settlement),
        )

    # === THE COMPANY === #

    @api.model
    def _journal(self, settlement):
        """Return the journal: the marketplace's own, else the company's or its parents'."""
        company = settlement.company_id
        if settlement._as_invoice():
            return company._sp_inherited("sp_invoice_journal_id")
        participation = settlement.connection_id._participation(settlement._place())
        return participation.journal_id or company._sp_inherited("sp_journal_id")

    @api.model
    def _customer(self, settlement):
        """Return whom Amazon's invoices are for, as its company sees that contact."""
        company = settlement.company_id
        return company._sp_inherited("sp_partner_id").sudo().with_company(company)

    def _lacks(self, settlement):
        journal = self._journal(settlement).sudo()
        if not journal:
            yield "no_journal"
        elif not journal.active:
            yield "archived_journal"
        if settlement._as_invoice():
            customer = self._customer(settlement)
            if not customer:
                yield "no_customer"
            elif not customer.property_account_receivable_id:
                yield "no_receivable"

    def _archived(self, settlement, item):
        """Return what of an item's account and taxes is archived: (model, id) of each.

        Odoo refuses an archived account late and drops an archived tax in silence.
        """
        company = settlement.company_id
        env = self.sudo().with_company(company).with_context(active_test=False).env
        account = env["account.account"].browse(item.account)
        if item.category == DEPOSIT and settlement._as_invoice():
            account = self._customer(settlement).property_account_receivable_id.with_env(env)
        taxes = env["account.tax"].browse(item.taxes)
        posted = account | taxes.repartition_line_ids.account_id
        used = (*posted, *taxes, *taxes.children_tax_ids)
        return [(record._name, record.id) for record in used if not record.active]

    def _unanalysed(self, settlement):
        """Return a function: item → mandatory plans that do not have all of it, as Odoo asks.

        Odoo refuses such an entry where a person posts it (account.move.line).
        """
        plans = self.env["account.analytic.plan"].sudo().with_company(settlement.company_id)
        is_invoice = settlement._as_invoice()
        roots = self.env["account.analytic.account"].sudo()

        @cache
        def of_account(account):
            relevant = plans.get_relevant_plans(
                company_id=settlement.company_id.id,
                account=account,
                business_domain="invoice" if is_invoice else "general",
            )
            return [plan["id"] for plan in relevant if plan["applicability"] == "mandatory"]

        def find(item):
            if is_invoice and item.category == DEPOSIT:
                return []
            shares = defaultdict(float)
            for keys, share in json.loads(item.analytic or "{}").items():
                for account in roots.browse(map(int, keys.split(","))).exists():
                    shares[account.root_plan_id.id] += share
            return [one for one in of_account(item.account) if round(shares[one] - 100, 2)]

        return find

    def _other_books(self, settlement):
        """Return {marketplace: the other company in whose books its rows belong}."""
        found = {}
        for place in settlement.connection_id.sudo().participation_ids:
            company = place._books_of()
            if company != settlement.company_id:
                found[place.marketplace_id.id] = company.id
        return found

    def _not_in_use(self, settlement):
        """Return the marketplaces whose *In Use* somebody unticked."""
        places = settlement.connection_id.sudo().participation_ids.filtered(
            lambda place: place.is_participating and not place.is_active
        )
        return places.marketplace_id.ids

    @api.model
    def _unused_places(self, settlement):
        """Return the marketplaces of a settlement's rows that are not in use on its connection."""
        unused = self._not_in_use(settlement)
        return settlement.line_ids.booked_marketplace_id.filtered(lambda place: place.id in unused)

    def _doubles(self, settlement):
        found = self.env["sp.settlement.double"]._find_entries(settlement)
        posted = found.filtered(lambda move: move.state == "posted")
        return Doubles(tuple(posted.ids), tuple((found - posted).ids))

    # === AMOUNTS === #

    def _tax_on(self, settlement, taxes, amount):
        """Return what taxes are on a net amount: ids and ``Decimal`` → ``Decimal``."""
        details = (
            self.env["account.tax"]
            .browse(taxes)
            ._get_tax_details(
                float(amount),
                1.0,
                precision_rounding=settlement.currency_id.rounding,
                special_mode="total_excluded",
            )
        )
        return settlement._decimal(details["total_included"] - details["total_excluded"])

    def _rate(self, settlement, day):
        """Return the rate of a day, ``None`` where Odoo has none on or before it.

        Odoo would take 1.0, or a later rate, without a word (res.currency._get_rates).
        """
        company = settlement.company_id
        if settlement.fixed_rate or settlement.currency_id == company.currency_id:
            return Rate(self._conversion_rate(settlement, day))
        found = (
            self.env["res.currency.rate"]
            .sudo()
            .search(
                [
                    ("currency_id", "=", settlement.currency_id.id),
                    ("company_id", "in", (False, company.root_id.id)),
                    ("name", "<=", day),
                ],
                order="company_id.id, name desc",  # as res.currency._get_rates
                limit=1,
            )
        )
        return Rate(self._conversion_rate(settlement, day), found.name) if found else None

    @api.model
    def _conversion_rate(self, settlement, day):
        """Return how many units of the settlement's currency one of the company's is worth."""
        if settlement.fixed_rate:
            return 1 / settlement.fixed_rate
        company = settlement.company_id
        return self.env["res.currency"]._get_conversion_rate(
            company.currency_id, settlement.currency_id, company, day
        )

    # === DATES === #

    @api.model
    def _calendar(self, settlement):
        """Return the engine's ``Calendar``, or ``None`` for a file without any date."""
        company = settlement.company_id
        zone = Grouping(company._sp_zone())
        end = zone.day(settlement.date_end) if settlement.date_end else settlement.date
        if not end:
            return None
        last = end
        if company.sp_last_date == "deposit" and settlement.date_deposit:
            last = max(end, zone.day(settlement.date_deposit))
        start = zone.day(settlement.date_start) if settlement.date_start else None
        return Calendar(start, end, last, company.sp_split_months)

    def _opening(self, settlement, day, has_tax):
        """Return on which day a part of a date can be booked.

        Odoo would move the date of the entry without a word (account.move._post), so the locks
        that hold for this user, with their exceptions, are read before.
        """
        company, journal = settlement.company_id, self._journal(settlement)
        opened, locks = company._sp_open_day(day, has_tax, journal)
        # What a reversal took back is booked again where the reversal is: on its old date it would
        # stand there twice until then.
        if reversals := self._reversals(settlement, day):
            start = max(opened, *reversals.mapped("date"))
            opened, _locks = company._sp_open_day(start, has_tax, journal)
        return Opening(opened, tuple(locks))

    def _reversals(self, settlement, day):
        """Return the reversals that took back a part of a day."""
        moves = self.env["sp.settlement.double"]._own_entries(settlement)
        if not moves.reversed_entry_id:
            return moves.browse()
        neutral = compare((), self.env["sp.settlement.item"]._ledger_entries(moves)).neutral
        taken_back = moves.filtered(lambda move: move.sp_date == day and move.id in neutral)
        return taken_back.reversal_move_ids.filtered(lambda move: move.id in neutral)

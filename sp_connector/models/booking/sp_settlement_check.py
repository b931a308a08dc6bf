"""What holds a settlement: proof, mapping, rates, periods; and what people should know."""

from odoo import api, models
from odoo.tools import format_date, format_list

from ...engine.errors import cut
from ..common.texts import WORDS, first_ten
from ..meaning.category_labels import category_label

#: States of a settlement without an entry: what holds it is looked at again.
UNBOOKED = ("held", "review", "empty")


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    @api.model
    def _recheck(self, companies):
        """Look again at every settlement of these companies that has no entry yet."""
        if companies:
            self.sudo().search(
                # A branch inherits from its parents.
                [("company_id", "child_of", companies.ids), ("state", "in", UNBOOKED)]
            )._check()

    def _check(self):
        """Classify the lines anew and write down what holds each settlement, if anything."""
        unbooked = self.filtered(lambda settlement: settlement.state in (*UNBOOKED, False))
        unbooked.filtered("lines_outdated")._regroup()
        for company, settlements in unbooked.grouped("company_id").items():
            classifier = self.env["sp.category.rule"]._classifier(company)
            mapping = self.env["sp.account.mapping"]._mapping(company)
            settlements.line_ids._classify(classifier)
            for settlement in settlements:
                settlement._check_one(mapping)

    def _check_one(self, mapping):
        calendar = self._calendar()
        self._write_changes({"date": calendar and calendar.date_last})
        plan = self._plan(mapping)
        self.line_ids._note_rules(plan.rules)
        reasons, notes, unmapped, undecided = self._find_unproved(), [], [], []
        has_total = not self.currency_id.is_zero(self.amount_total)
        has_money = has_total or any(self.line_ids.mapped("has_amount"))
        if has_money:
            unmapped = self._find_unmapped(plan) + self._archived_in_mapping(plan)
            undecided = self._find_undecided()
            double = self.env["sp.settlement.double"]
            doubles, drafts = double._describe_entries(self)
            reasons += unmapped + undecided + doubles + self._find_blockers(plan)
            notes = self._find_notes(plan) + self._find_tax_notes()
            notes += drafts + double._find_elsewhere(self)
        # Amounts may also cancel each other so that no item is left.
        is_empty = not reasons and not (has_money and (plan.parts or has_total))
        if is_empty:
            notes = [
                self.env._(
                    "Nothing to book: no money is in it, so it is finished without an entry."
                )
            ]
        self._write_changes(
            {
                "hold_reason": "\n".join(reasons) or False,
                "needs_mapping": bool(unmapped),
                "needs_tax": bool(undecided),
                "is_empty": is_empty,
                "booking_note": "\n".join(notes) or False,
            }
        )

    def _write_changes(self, vals):
        changed = {name: value for name, value in vals.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _find_unproved(self):
        """Say why the file does not prove the settlement: problems, bad rows, a difference."""
        self.ensure_one()
        currency = self.currency_id
        reasons = []
        if self.file_problem:
            reasons.append(
                self.env._(
                    "The file cannot be trusted:\n%(problems)s\nDelete this settlement and import "
                    "the file as Amazon gives it.",
                    problems=self.file_problem,
                )
            )
        if self.has_total and currency.compare_amounts(self.amount_total, self.amount_rows):
            reason = self.env._(
                "Amazon's total is %(total)s, its rows add up to %(rows)s: a difference of "
                "%(difference)s.",
                total=currency.format(self.amount_total),
                rows=currency.format(self.amount_rows),
                difference=currency.format(self.amount_total - self.amount_rows),
            )
            if not self.file_problem:
                reason += " " + self.env._(
                    "Reports that lack a Current Reserve Amount or a loan repayment are known; "
                    "Amazon reissues them. Download the file again, delete this settlement and "
                    "import the new file."
                )
            reasons.append(reason)
        if currency.compare_amounts(self.amount_rows, self.amount_lines):
            reasons.append(
                self.env._(
                    "The lines add up to %(lines)s, the rows to %(rows)s. Delete the settlement "
                    "and import it again.",
                    lines=currency.format(self.amount_lines),
                    rows=currency.format(self.amount_rows),
                )
            )
        return reasons

    def _find_unmapped(self, plan):
        """Name the words nobody knows, the categories without an account, taxes that misfit."""
        self.ensure_one()
        reasons = []
        unknown = self.line_ids.filtered(lambda line: line.category == "unknown")
        unknown = unknown.filtered("has_amount")
        if unknown:
            words = [
                f"• {cut(line.words, WORDS)} ({self.currency_id.format(line.amount)})"
                for line in unknown
            ]
            reasons.append(
                self.env._(
                    "Needs mapping: nobody has said yet what these words of Amazon mean.\n"
                    "%(words)s",
                    words="\n".join(first_ten(self.env, words)),
                )
            )
        missing = [item for item in plan.missing if item.category != "unknown"]
        if missing:
            names = dict.fromkeys(category_label(self.env, item.category) for item in missing)
            reasons.append(
                self.env._(
                    "Needs mapping: no account for %(categories)s. A manager sets accounts up "
                    "under Configuration.",
                    categories=", ".join(names),
                )
            )
        reasons += first_ten(self.env, map(self._describe_misfit, plan.misfits))
        reasons += self._find_foreign_books()
        if not self._journal():
            reasons.append(
                self.env._(
                    "No journal for Amazon settlements. A manager sets it up under Configuration."
                )
            )
        customer = self.company_id._sp_inherited("sp_partner_id").with_company(self.company_id)
        if self._as_invoice() and not customer:
            reasons.append(
                self.env._(
                    "No customer for Amazon's invoices. A manager chooses it under Configuration, "
                    "Booking."
                )
            )
        elif self._as_invoice() and not customer.sudo().property_account_receivable_id:
            reasons.append(
                self.env._(
                    "The customer %(name)s has no receivable account in this company. Choose one "
                    "on the contact, under Accounting.",
                    name=customer.sudo().name,
                )
            )
        return reasons

    def _find_foreign_books(self):
        """Name the rows that belong in the books of another company: revenue of another firm."""
        foreign = {}
        for place in self.connection_id.sudo().participation_ids:
            lines = self.line_ids.filtered(
                lambda line, place=place: (
                    line.has_amount
                    and line.marketplace_id
                    and line.marketplace_id == place.marketplace_id
                )
            )
            if lines and place._books_of() != self.company_id:
                foreign[place] = sum(lines.mapped("amount"))
        return [
            self.env._(
                "Rows of %(place)s, %(amount)s, belong in the books of %(other)s, but Amazon "
                "settles them with those of %(company)s. Choose the same «Books Of» for all "
                "marketplaces of this currency (Connection, Marketplaces), then check again.",
                place=place.name,
                amount=self.currency_id.format(amount),
                other=place._books_of().name,
                company=self.company_id.name,
            )
            for place, amount in foreign.items()
        ]

    def _describe_misfit(self, misfit):
        taxes = self.env["account.tax"].browse(misfit.taxes)
        reason = self.env._(
            "Needs mapping: Amazon's tax rows of %(place)s add up to %(found)s, %(taxes)s of the "
            "prices beside them is %(expected)s. Map the right tax, also by price form, or give "
            "SKUs with another rate a tax class.",
            place=self._place_name(misfit.marketplace),
            found=self.currency_id.format(float(misfit.found)),
            taxes=format_list(self.env, taxes.mapped("name")),
            expected=self.currency_id.format(float(misfit.expected)),
        )
        if misfit.rates:
            # Without decimals: the rounding of a small tax leaves some room.
            lowest, highest = (f"{rate * 100:.0f} %" for rate in misfit.rates)
            reason += " " + self.env._(
                "Single order items were taxed at about %(lowest)s to %(highest)s.",
                lowest=lowest,
                highest=highest,
            )
        return reason

    def _place_name(self, marketplace_id):
        place = self.env["sp.marketplace"].browse(marketplace_id or [])
        return place.name or self.env._("rows without a marketplace")

    def _describe_note(self, note):
        """Say what the engine's ``entry.Note`` means."""
        names = format_list(self.env, self.env["account.tax"].browse(note.taxes).mapped("name"))
        amount = self.currency_id.format(float(note.amount))
        place = self._place_name(note.marketplace)
        if note.code == "untaxed":
            return self.env._(
                "Prices of %(place)s, %(amount)s, on which Amazon charged no tax, are booked "
                "without tax and not with %(taxes)s. Map the price form «No tax charged», or give "
                "their SKUs a tax class, if they belong into your tax return.",
                place=place,
                amount=amount,
                taxes=names,
            )
        return self.env._(
            "Amazon's discounts of tax in %(place)s are not %(taxes)s of the promotions beside "
            "them: a difference of %(amount)s. The tax is booked as Amazon's rows say.",
            place=place,
            amount=amount,
            taxes=names,
        )

    def _find_blockers(self, plan):
        """Name what Odoo lacks to book it: a date, an exchange rate, an open period."""
        self.ensure_one()
        if not self.date:
            return [self.env._("The file has no date at all. Download Flat File V2.")]
        reasons, reconcile = [], self.env["sp.settlement.reconcile"]
        dates = [part.date for part in plan.parts] or [self.date]
        if lacking := [day for day in dates if self._lacks_rate(day)]:
            # Odoo would take 1.0, or a later rate, without a word (res.currency._get_rates).
            reasons.append(
                self.env._(
                    "No exchange rate: enter the rate of %(currency)s for %(date)s or earlier "
                    "(Accounting, Configuration, Currencies), then check again.",
                    currency=self.currency_id.name,
                    date=format_date(self.env, min(lacking)),
                )
            )
        elif reconcile._lacks_exchange_journal(self) and reconcile._carries_over(self, plan):
            reasons.append(
                self.env._(
                    "No journal for exchange differences: the months of this settlement have "
                    "different rates, and what one carries to the next could not be closed. "
                    "Choose one (Accounting, Configuration, Settings), then check again."
                )
            )
        if self.company_id.sp_lock_policy == "hold":
            for part in plan.parts or [None]:
                day, locks = self._find_open_day(part)
                if locks:
                    reasons.append(self._describe_lock(part.date if part else self.date, locks))
        return reasons

    def _find_notes(self, plan):
        """Say what a person should know of the booking although nothing is wrong."""
        self.ensure_one()
        notes = []
        for part in plan.parts:
            day, locks = self._find_open_day(part)
            month = format_date(self.env, part.date, date_format="MMMM y")
            if locks:
                notes.append(
                    self.env._(
                        "The %(month)s part would land on %(day)s because %(date)s lies in a "
                        "locked period: %(locks)s.",
                        month=month,
                        day=format_date(self.env, day),
                        date=format_date(self.env, part.date),
                        locks=self._format_locks(locks),
                    )
                )
            elif day != part.date:
                notes.append(
                    self.env._(
                        "The %(month)s part is booked on %(day)s, where its former entry is "
                        "reversed.",
                        month=month,
                        day=format_date(self.env, day),
                    )
                )
            elif len(plan.parts) > 1:
                notes.append(
                    self.env._(
                        "The %(month)s part, %(amount)s, is booked on %(day)s.",
                        month=month,
                        amount=self.currency_id.format(float(part.amount)),
                        day=format_date(self.env, day),
                    )
                )
        notes += [self._describe_note(note) for note in plan.notes]
        if self.company_id.sudo().sp_rate_days:
            notes += self._find_old_rates(plan)
        if late := self.line_ids.filtered("is_late"):
            notes.append(
                self.env._(
                    "%(count)s rows, %(amount)s, are dated outside the period; they are booked "
                    "with its first or last month.",
                    count=sum(late.mapped("row_count")),
                    amount=self.currency_id.format(sum(late.mapped("amount"))),
                )
            )
        nameless = self.line_ids.filtered(
            lambda line: not line.marketplace_name and line.booked_marketplace_id
        )
        if nameless:
            notes.append(
                self.env._(
                    "Rows without a marketplace, %(amount)s, are booked to %(place)s.",
                    amount=self.currency_id.format(sum(nameless.mapped("amount"))),
                    place=self.default_marketplace_id.name,
                )
            )
        return notes + self._describe_fall_backs()

    def _describe_fall_backs(self):
        """Say which words are not known by name and follow others of their type."""
        lines = self.line_ids.filtered(
            lambda line: line.match_level == "default" and line.has_amount
        )
        if not lines:
            return []
        shown = [
            f"• {line.words}: {category_label(self.env, line.category)} "
            f"({self.currency_id.format(line.amount)})"
            for line in lines[:10]
        ]
        if len(lines) > 10:
            shown.append(self.env._("… and %(count)s more.", count=len(lines) - 10))
        return [
            self.env._(
                "Not known by name, booked as others of their type:\n%(words)s",
                words="\n".join(shown),
            )
        ]

    def _find_old_rates(self, plan):
        """Name the exchange rates that are older than the company wants."""
        company = self.company_id.sudo()
        if self.fixed_rate or self.currency_id == company.currency_id:
            return []
        notes = []
        for day in sorted({part.date for part in plan.parts if part.date}):
            rate = self._find_rate(self.currency_id, company, day)
            if rate and (day - rate.name).days > company.sp_rate_days:
                notes.append(
                    self.env._(
                        "The exchange rate of %(currency)s for %(day)s is of %(rate_day)s, "
                        "%(count)s days old.",
                        currency=self.currency_id.name,
                        day=format_date(self.env, day),
                        rate_day=format_date(self.env, rate.name),
                        count=(day - rate.name).days,
                    )
                )
        return notes

    def _find_open_day(self, part):
        """Return (the first open day from a part's date on, the locks that are in the way).

        Odoo would move the date of the entry without a word (account.move._post), so the locks
        that hold for this user, with their exceptions, are read before.
        """
        day = part.date if part else self.date
        has_tax = bool(part and any(item.taxes for item in part.items))
        company, journal = self.company_id, self._journal()
        opened, locks = company._sp_open_day(day, has_tax, journal)
        # What a reversal took back is booked again where the reversal is: on its old date it would
        # stand there twice until then.
        taken_back = self.sudo().move_ids.filtered(
            lambda move: move.sp_date == day and move.sp_reversed
        )
        if reversals := taken_back.reversal_move_ids.filtered("sp_reversed"):
            start = max(opened, *reversals.mapped("date"))
            opened, _locks = company._sp_open_day(start, has_tax, journal)
        return opened, locks

    def _describe_lock(self, day, locks):
        return self.env._(
            "%(date)s lies in a locked period: %(locks)s.",
            date=format_date(self.env, day),
            locks=self._format_locks(locks),
        )

    def _format_locks(self, locks):
        return self.env["res.company"]._format_lock_dates(locks)

    def _lacks_rate(self, day=None):
        """Tell whether Odoo has no rate on or before a day, by default the last entry's."""
        day = day or self.date
        if self.fixed_rate or not day:
            return False
        return not self._has_rate(self.currency_id, self.company_id, day)

    @api.model
    def _has_rate(self, currency, company, day):
        """Tell whether Odoo has a rate of a currency on or before a day."""
        return currency == company.currency_id or bool(self._find_rate(currency, company, day))

    @api.model
    def _find_rate(self, currency, company, day):
        """Return the rate of a currency that Odoo takes for a day."""
        return (
            self.env["res.currency.rate"]
            .sudo()
            .search(
                [
                    ("currency_id", "=", currency.id),
                    ("company_id", "in", (False, company.root_id.id)),
                    ("name", "<=", day),
                ],
                order="company_id.id, name desc",  # as res.currency._get_rates
                limit=1,
            )
        )

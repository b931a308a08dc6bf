"""What people read for the codes of a decision (``engine.books.decide``), in their language."""

from odoo import api, models
from odoo.exceptions import MissingError
from odoo.tools import format_date, format_list

from ...engine.errors import cut
from ..common.texts import WORDS, first_ten, words_text
from ..meaning.category_labels import category_label

#: Characters of Amazon's words beside an undecided tax.
_WIDTH = 80


class SpDecisionWords(models.AbstractModel):
    """Says each finding of a decision: ``_say_`` and its code, with its values as arguments."""

    _name = "sp.decision.words"
    _inherit = ["sp.invoiced.words", "sp.cost.words"]
    _description = "Words for Decisions on Amazon Settlements"

    @api.model
    def _say(self, settlement, findings):
        """Return the sentences for findings, in their order.

        :param settlement: the one they are about; it may be one that is not stored
        :param findings: iterable of the engine's ``Finding``
        """
        texts = []
        for finding in findings:
            try:
                said = getattr(self, f"_say_{finding.code}")(settlement, **finding.values)
            except MissingError:
                said = self.env._("What stood in the way was deleted meanwhile: check again.")
            texts += [said] if isinstance(said, str) else said
        return texts

    def _place_name(self, marketplace):
        place = self.env["sp.marketplace"].browse(marketplace or [])
        return place.name or self.env._("rows without a marketplace")

    def _tax_names(self, taxes):
        return format_list(self.env, self.env["account.tax"].browse(taxes).mapped("name"))

    def _words_of(self, line):
        return words_text(line.words)

    # === PROOF === #

    def _say_damaged(self, settlement):
        return self.env._(
            "The file cannot be trusted:\n%(problems)s\nDelete this settlement and import the "
            "file as Amazon gives it.",
            problems=settlement.file_problem,
        )

    def _say_difference(self, settlement, total, rows, is_damaged):
        money = settlement._money
        text = self.env._(
            "Amazon's total is %(total)s, its rows add up to %(rows)s: a difference of "
            "%(difference)s.",
            total=money(total),
            rows=money(rows),
            difference=money(total - rows),
        )
        if is_damaged:
            return text
        return f"{text} " + self.env._(
            "Reports that lack a Current Reserve Amount or a loan repayment are known; Amazon "
            "reissues them. Download the file again, delete this settlement and import the new "
            "file."
        )

    def _say_lines_differ(self, settlement, lines, rows):
        return self.env._(
            "The lines add up to %(lines)s, the rows to %(rows)s. Delete the settlement and "
            "import it again.",
            lines=settlement._money(lines),
            rows=settlement._money(rows),
        )

    # === MAPPING === #

    def _say_unknown_words(self, settlement, lines, count):
        words = [
            f"• {cut(self._words_of(line), WORDS)} ({settlement._money(line.amount)})"
            for line in lines
        ]
        return self.env._(
            "Needs mapping: nobody has said yet what these words of Amazon mean.\n%(words)s",
            words="\n".join(first_ten(self.env, words, count)),
        )

    def _say_no_account(self, settlement, categories):
        return self.env._(
            "Needs mapping: no account for %(categories)s. A manager sets accounts up under "
            "Configuration.",
            categories=", ".join(category_label(self.env, one) for one in categories),
        )

    def _say_misfit(self, settlement, misfits, count):
        texts = [self._describe_misfit(settlement, one) for one in misfits]
        return first_ten(self.env, texts, count)

    def _describe_misfit(self, settlement, misfit):
        reason = self.env._(
            "Needs mapping: Amazon's tax rows of %(place)s add up to %(found)s, %(taxes)s of the "
            "prices beside them is %(expected)s. Map the right tax, also by price form, or give "
            "SKUs with another rate a tax class.",
            place=self._place_name(misfit.marketplace),
            found=settlement._money(misfit.found),
            taxes=self._tax_names(misfit.taxes),
            expected=settlement._money(misfit.expected),
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

    def _say_other_books(self, settlement, marketplace, amount, company):
        return self.env._(
            "Rows of %(place)s, %(amount)s, belong in the books of %(other)s, but Amazon "
            "settles them with those of %(company)s. Choose the same «Books Of» for all "
            "marketplaces of this currency (Connection, Marketplaces), then check again.",
            place=self._place_name(marketplace),
            amount=settlement._money(amount),
            other=self.env["res.company"].sudo().browse(company).name,
            company=settlement.company_id.name,
        )

    def _say_no_journal(self, settlement):
        return self.env._(
            "No journal for Amazon settlements. A manager sets it up under Configuration."
        )

    def _say_no_customer(self, settlement):
        return self.env._(
            "No customer for Amazon's invoices. A manager chooses it under Configuration, Set Up."
        )

    def _say_no_receivable(self, settlement):
        return self.env._(
            "The customer %(name)s has no receivable account in this company. Choose one on the "
            "contact, under Accounting.",
            name=self.env["sp.settlement.facts"]._customer(settlement).name,
        )

    def _say_archived(self, settlement, record, categories):
        model, key = record
        found = self.env[model].sudo().with_company(settlement.company_id).browse(key)
        return self.env._(
            "«%(name)s» is archived and cannot be booked with (%(categories)s). Restore it, or "
            "choose another in the account mapping.",
            name=found.display_name,
            categories=", ".join(category_label(self.env, one) for one in categories),
        )

    def _say_archived_journal(self, settlement):
        return self.env._(
            "The journal «%(name)s» is archived. Restore it, or choose another under "
            "Configuration, Set Up.",
            name=self.env["sp.settlement.facts"]._journal(settlement).sudo().display_name,
        )

    def _say_no_analytic(self, settlement, plan, categories):
        return self.env._(
            "The analytic plan «%(name)s» is mandatory, and these are not distributed to it: "
            "%(categories)s. Give them an analytic distribution in the account mapping.",
            name=self.env["account.analytic.plan"].sudo().browse(plan).name,
            categories=", ".join(category_label(self.env, one) for one in categories),
        )

    # === TAX === #

    def _say_undecided(self, settlement, kinds, count):
        texts = [self._describe_undecided(settlement, kind) for kind in kinds]
        return self.env._(
            "Tax undecided: the company is registered for tax, and nobody has said yet how "
            "this is taxed. A manager chooses a tax, or «No tax», under Configuration, Set "
            "Up.\n%(undecided)s",
            undecided="\n".join(first_ten(self.env, texts, count)),
        )

    def _describe_undecided(self, settlement, kind):
        place = self.env["sp.marketplace"].browse(kind.marketplace or []).name
        place = place or kind.marketplace_name[:_WIDTH] or self._place_name(None)
        forms = self.env["sp.settlement.line"]._fields["tax_form"]._description_selection(self.env)
        parts = [category_label(self.env, kind.category), place]
        parts += [dict(forms)[form] for form in kind.tax_forms]
        text = f"• {', '.join(parts)}: {settlement._money(kind.amount)}"
        example = cut(self._words_of(kind), _WIDTH)
        if kind.word_count > 1:
            return self.env._(
                "%(decision)s (%(words)s, and %(count)s more)",
                decision=text,
                words=example,
                count=kind.word_count - 1,
            )
        return f"{text} ({example})"

    # === WHAT STANDS IN THE WAY === #

    def _say_booked_already(self, settlement, moves):
        names = [
            self.env._(
                "%(number)s of %(day)s", number=move.name, day=format_date(self.env, move.date)
            )
            for move in self.env["account.move"].sudo().browse(moves)
        ]
        return self.env._(
            "Already booked as %(entries)s, by their reference. Cancel or reverse them, or give "
            "them another reference if they are something else; then check again.",
            entries=", ".join(first_ten(self.env, names)),
        )

    def _say_not_in_use(self, settlement, marketplaces):
        places = self.env["sp.marketplace"].browse(marketplaces)
        return self.env._(
            "%(places)s: not in use on %(connection)s. Tick In Use there if this company's "
            "books want these rows.",
            places=", ".join(places.mapped("name")),
            connection=settlement.connection_id.sudo().name,
        )

    def _say_inactive_currency(self, settlement):
        return self.env._(
            "%(currency)s is not active in Odoo, which then posts nothing in it. Activate the "
            "currency, and enter its exchange rate.",
            currency=settlement.currency_id.name,
        )

    def _say_no_date(self, settlement):
        return self.env._("The file has no date at all. Download Flat File V2.")

    def _say_no_rate(self, settlement, date):
        return self.env._(
            "No exchange rate: enter the rate of %(currency)s for %(date)s or earlier "
            "(Accounting, Configuration, Currencies), then check again.",
            currency=settlement.currency_id.name,
            date=format_date(self.env, date),
        )

    def _say_no_exchange_journal(self, settlement):
        return self.env._(
            "No journal for exchange differences: the months of this settlement have different "
            "rates, and what one carries to the next could not be closed. Choose one (Accounting, "
            "Configuration, Settings), then check again."
        )

    def _say_locked(self, settlement, date, locks):
        return self.env._(
            "%(date)s lies in a locked period: %(locks)s.",
            date=format_date(self.env, date),
            locks=self._format_locks(locks),
        )

    def _format_locks(self, locks):
        return self.env["res.company"]._format_lock_dates(locks)

    # === NOTES === #

    def _say_empty(self, settlement):
        return self.env._("Nothing to book: no money is in it, so it is finished without an entry.")

    def _month(self, day):
        return format_date(self.env, day, date_format="MMMM y")

    def _say_part(self, settlement, date, day, amount):
        return self.env._(
            "The %(month)s part, %(amount)s, is booked on %(day)s.",
            month=self._month(date),
            amount=settlement._money(amount),
            day=format_date(self.env, day),
        )

    def _say_part_after_lock(self, settlement, date, day, locks):
        return self.env._(
            "The %(month)s part would land on %(day)s because %(date)s lies in a locked period: "
            "%(locks)s.",
            month=self._month(date),
            day=format_date(self.env, day),
            date=format_date(self.env, date),
            locks=self._format_locks(locks),
        )

    def _say_part_after_reversal(self, settlement, date, day):
        return self.env._(
            "The %(month)s part is booked on %(day)s, where its former entry is reversed.",
            month=self._month(date),
            day=format_date(self.env, day),
        )

    def _say_untaxed(self, settlement, marketplace, amount, taxes):
        return self.env._(
            "Prices of %(place)s, %(amount)s, on which Amazon charged no tax, are booked "
            "without tax and not with %(taxes)s. Map the price form «No tax charged», or give "
            "their SKUs a tax class, if they belong into your tax return.",
            place=self._place_name(marketplace),
            amount=settlement._money(amount),
            taxes=self._tax_names(taxes),
        )

    def _say_tax_discount(self, settlement, marketplace, amount, taxes):
        return self.env._(
            "Amazon's discounts of tax in %(place)s are not %(taxes)s of the promotions beside "
            "them: a difference of %(amount)s. The tax is booked as Amazon's rows say.",
            place=self._place_name(marketplace),
            amount=settlement._money(amount),
            taxes=self._tax_names(taxes),
        )

    def _say_old_rate(self, settlement, date, rate_date):
        return self.env._(
            "The exchange rate of %(currency)s for %(day)s is of %(rate_day)s, %(count)s days old.",
            currency=settlement.currency_id.name,
            day=format_date(self.env, date),
            rate_day=format_date(self.env, rate_date),
            count=(date - rate_date).days,
        )

    def _say_late(self, settlement, count, amount):
        return self.env._(
            "Rows dated outside the period: %(count)s, %(amount)s. They are booked with its first "
            "or last month.",
            count=count,
            amount=settlement._money(amount),
        )

    def _say_nameless(self, settlement, amount, marketplace):
        return self.env._(
            "Rows without a marketplace, %(amount)s, are booked to %(place)s.",
            amount=settlement._money(amount),
            place=self._place_name(marketplace),
        )

    def _say_fall_back(self, settlement, lines, count):
        """Say which words are not known by name and follow others of their type."""
        return self.env._(
            "Not known by name, booked as others of their type:\n%(words)s",
            words=self._list_lines(settlement, lines, count),
        )

    def _say_unregistered(self, settlement, count):
        return self.env._(
            "Booked without tax: %(reason)s Lines: %(count)s.",
            count=count,
            reason=settlement.company_id._sp_why_unregistered(),
        )

    def _say_tax_kept(self, settlement, amount):
        return self.env._(
            "Prices whose tax the marketplace keeps, %(amount)s, are booked without a tax of "
            "yours. If your tax return counts them, map them with the price form «Tax kept by the "
            "marketplace» (Configuration, Set Up).",
            amount=settlement._money(amount),
        )

    def _say_other_drafts(self, settlement, moves):
        drafts = self.env["account.move"].sudo().browse(moves)
        return self.env._(
            "Draft entries of other origin that name this settlement: %(count)s (%(ref)s). Delete "
            "them: posted, they would count twice.",
            count=len(drafts),
            ref=drafts[0].ref,
        )

    def _say_imported_elsewhere(self, settlement):
        return self.env._(
            "Another company of this database has imported this settlement too: its money "
            "belongs to one of them only."
        )

    # === WHY NOT BY ITSELF === #

    def _say_auto_held(self, settlement):
        return self.env._("Something holds it.")

    def _say_auto_first(self, settlement):
        return self.env._(
            "Nothing of this account in %(currency)s was posted yet: the first is a person's.",
            currency=settlement.currency_id.name,
        )

    def _say_auto_not_exact(self, settlement, lines, count):
        return self.env._(
            "Words that are understood, but not by their very words:\n%(words)s",
            words=self._list_lines(settlement, lines, count),
        )

    def _say_auto_new_words(self, settlement, lines, count):
        return self.env._(
            "Words that no posted settlement of this account had:\n%(words)s",
            words=self._list_lines(settlement, lines, count),
        )

    def _list_lines(self, settlement, lines, count):
        words = [
            f"• {cut(self._words_of(line), WORDS)}: {category_label(self.env, line.category)} "
            f"({settlement._money(line.amount)})"
            for line in lines
        ]
        return "\n".join(first_ten(self.env, words, count))

    def _say_auto_new_marketplace(self, settlement, names, count):
        return self.env._(
            "Marketplaces that no posted settlement of this account had: %(names)s.",
            names=format_list(self.env, first_ten(self.env, names, count)),
        )

    def _say_auto_limit(self, settlement, total, limit):
        return self.env._(
            "%(total)s is more than the limit of %(limit)s.",
            total=settlement._money(total),
            limit=settlement._money(limit),
        )

    def _say_auto_total(self, settlement, total, low, high):
        return self.env._(
            "%(total)s is not usual: after the last ones, %(low)s to %(high)s would be.",
            total=settlement._money(total),
            low=settlement._money(low),
            high=settlement._money(high),
        )

    def _say_auto_fees(self, settlement, share, low, high):
        low, high = (f"{one * 100:.0f} %" for one in (low, high))
        if share is None:
            return self.env._(
                "It has no income; usually fees are %(low)s to %(high)s of it.", low=low, high=high
            )
        return self.env._(
            "Fees are %(share)s of the income; usual after the last ones is %(low)s to %(high)s.",
            share=f"{share * 100:.0f} %",
            low=low,
            high=high,
        )

    def _say_auto_elsewhere(self, settlement, moves):
        entries = self.env["account.move"].sudo().browse(moves).mapped("name")
        return self.env._(
            "Somebody else may have booked it already: %(entries)s.",
            entries=format_list(self.env, first_ten(self.env, entries)),
        )

    def _say_auto_chain(self, settlement):
        return self.env._("A settlement beside it is missing or does not fit.")

    def _say_auto_sent_again(self, settlement):
        return self.env._("Amazon sent it again, with other content.")

    def _say_auto_control(self, settlement, difference):
        return self.env._(
            "Amazon's second statement differs by %(amount)s.", amount=settlement._money(difference)
        )

    def _say_auto_control_waits(self, settlement):
        return self.env._("It waits for Amazon's second statement.")

    def _say_auto_waits(self, settlement, day):
        return self.env._("It is booked by itself on %(day)s.", day=format_date(self.env, day))

    def _say_auto_refused(self, settlement, reason):
        return self.env._("Odoo refused it: %(reason)s", reason=reason)

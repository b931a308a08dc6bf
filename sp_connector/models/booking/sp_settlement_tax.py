"""Nothing is booked untaxed by silence: undecided taxes, and what of a mapping is archived."""

from odoo import fields, models

from ...engine.books.tax_rows import treatment
from ...engine.words.categories import DEPOSIT
from ..meaning.category_labels import category_label

#: A hold names so many decisions, and so much of Amazon's words; the rest is counted.
_SHOWN, _WIDTH = 10, 80


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    needs_tax = fields.Boolean(
        "Needs a Tax Decision", readonly=True, help="Some of its money has an undecided tax."
    )

    # === UNDECIDED === #

    def _undecided_lines(self):
        """Return the lines of which nobody has said how they are taxed."""
        return self.line_ids.filtered(
            lambda line: (
                line.mapping_id.tax_mode == "undecided"
                and not self.currency_id.is_zero(line.amount)
            )
        )

    def _find_undecided(self):
        """Name what has no decided tax, in a company that is registered for tax."""
        self.ensure_one()
        lines = self._undecided_lines()
        if not lines or not self.company_id._sp_is_registered():
            return []
        groups = lines.grouped(
            lambda line: (line.category, line.booked_marketplace_id, line.marketplace_name or "")
        )
        texts = [
            self._describe_undecided(*key, group) for key, group in list(groups.items())[:_SHOWN]
        ]
        if len(groups) > _SHOWN:
            texts.append(self.env._("• and %(count)s more", count=len(groups) - _SHOWN))
        return [
            self.env._(
                "Tax undecided: the company is registered for tax, and nobody has said yet how "
                "this is taxed. A manager chooses a tax, or «No tax», under Configuration, Set Up "
                "Taxes.\n%(undecided)s",
                undecided="\n".join(texts),
            )
        ]

    def _describe_undecided(self, category, place, name, lines):
        parts = [category_label(self.env, category), place.name or name[:_WIDTH]]
        if not parts[-1]:
            parts[-1] = self.env._("rows without a marketplace")
        forms = dict(lines._fields["tax_form"]._description_selection(self.env))
        limited = lines.mapping_id.filtered("tax_form")
        parts += [forms[form] for form in dict.fromkeys(limited.mapped("tax_form"))]
        words = dict.fromkeys(lines.mapped("words"))
        example = next(iter(words))
        if len(example) > _WIDTH:
            example = f"{example[:_WIDTH]}…"
        text = f"• {', '.join(parts)}: {self.currency_id.format(sum(lines.mapped('amount')))}"
        if len(words) > 1:
            return self.env._(
                "%(decision)s (%(words)s, and %(count)s more)",
                decision=text,
                words=example,
                count=len(words) - 1,
            )
        return f"{text} ({example})"

    def _find_tax_notes(self):
        """Say what is booked without a tax of the seller although nothing is wrong."""
        self.ensure_one()
        company, notes = self.company_id, []
        if not company._sp_is_registered():
            if lines := self._undecided_lines():
                notes.append(
                    self.env._(
                        "%(count)s lines are booked without tax: %(reason)s",
                        count=len(lines),
                        reason=company._sp_why_unregistered(),
                    )
                )
            return notes
        kept = self.line_ids.filtered(
            lambda line: (
                line.tax_form == "withheld"
                and line.mapping_id.tax_ids
                and not treatment(line.mapping_id, line.tax_form)
            )
        )
        if kept:
            notes.append(
                self.env._(
                    "Prices whose tax the marketplace keeps, %(amount)s, are booked without a tax "
                    "of yours. If your tax return counts them, map them with the price form «Tax "
                    "kept by the marketplace» (Configuration, Set Up Taxes).",
                    amount=self.currency_id.format(sum(kept.mapped("amount"))),
                )
            )
        return notes

    def action_setup_taxes(self):
        """Open the tax set-up for the settlement's company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_tax_setup_action")
        action["context"] = {
            "default_company_id": self.company_id.id,
            "dialog_size": "extra-large",
            "sp_connector_stay": True,
        }
        return action

    # === ARCHIVED === #

    def _archived_in_mapping(self, plan=None):
        """Name each tax, account and journal that the plan would post with and that is archived.

        Odoo refuses an archived account late and drops an archived tax in silence.

        :param plan: the engine's ``Plan``, by default the one of today's mapping
        :return: list of sentences, empty where all of it is in use
        """
        self.ensure_one()
        plan = plan or self._plan()
        company = self.company_id
        env = self.sudo().with_company(company).with_context(active_test=False).env
        found = {}
        for item in (item for part in plan.parts for item in part.items):
            label = category_label(self.env, item.category)
            account = env["account.account"].browse(item.account)
            if item.category == DEPOSIT and self._as_invoice():
                partner = company.sudo().sp_partner_id.with_company(company)
                account = partner.property_account_receivable_id.with_env(env)
            taxes = env["account.tax"].browse(item.taxes)
            posted = account | taxes.repartition_line_ids.account_id
            for record in (*posted, *taxes, *taxes.children_tax_ids):
                if not record.active:
                    found.setdefault(record, {})[label] = True
        reasons = [
            self.env._(
                "«%(name)s» is archived and cannot be booked with (%(categories)s). Restore it, or "
                "choose another in the account mapping.",
                name=record.display_name,
                categories=", ".join(labels),
            )
            for record, labels in found.items()
        ]
        journal = self._journal().sudo()
        if journal and not journal.active:
            reasons.append(
                self.env._(
                    "The journal «%(name)s» is archived. Restore it, or choose another under "
                    "Configuration, Booking.",
                    name=journal.display_name,
                )
            )
        return reasons

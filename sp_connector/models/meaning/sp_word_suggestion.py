"""Suggestions of the engine for words that nobody knows, in the words of people."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

from ...engine.errors import cut
from ...engine.words.suggest import Suggester
from .category_labels import HELP, SUGGESTED, category_label

#: Characters of the words of a rule, accounts of a category: more is no help.
_WIDTH, _SHOWN = 80, 3


class SpWordSuggestion(models.AbstractModel):
    """Says what unknown words of a company may mean, why, and where that is booked."""

    _name = "sp.word.suggestion"
    _description = "Suggestions for Words of Amazon"

    @api.model
    def _suggest(self, company, amounts):
        """Return {triple: the engine's ``Suggestion``} of those that have one.

        :param amounts: {triple: what it brought so far, from the seller's side}
        """
        if not amounts:
            return {}
        suggester = Suggester(self.env["sp.category.rule"]._rules(company))
        found = {
            words: suggester.suggest(words, Decimal(str(amount)))
            for words, amount in amounts.items()
        }
        return {words: suggestion for words, suggestion in found.items() if suggestion}

    @api.model
    def _say(self, company, suggestion, marketplace=None):
        """Say what is suggested, where that is booked, and why.

        :param marketplace: the one whose line of the account mapping counts, if it is known
        """
        mapping = self.env["sp.account.mapping"]._mapping(company)
        found = mapping.find_for(
            suggestion.category,
            fields.Date.context_today(self),
            marketplace=marketplace.id if marketplace else None,
        )
        rule = self.env["sp.account.mapping"].sudo().browse(found.key if found else [])
        return self.env._(
            "%(category)s → %(place)s. %(reason)s",
            category=category_label(self.env, suggestion.category),
            place=self._name_place(rule) if rule else self.env._("no account"),
            reason=self._say_reason(suggestion),
        )

    @api.model
    def _say_reason(self, suggestion):
        """Say why it is suggested."""
        shared = [f"«{word}»" for word in suggestion.shared if word]
        text = self.env._(SUGGESTED[suggestion.reason])
        reason = text % {
            "shared": format_list(self.env, shared),
            "known": suggestion.known,
            "rule": cut(" / ".join(word or "–" for word in suggestion.rule.words), _WIDTH),
        }
        if suggestion.sign:
            reason += " " + self.env._("The sign of the money is the usual one.")
        return reason

    @api.model
    def _say_category(self, company, category):
        """Say what a category is for, and where its money is booked in a company."""
        texts = [self.env._(HELP[category])] if category in HELP else []
        places = self._places(company, category)
        if places:
            texts.append(self.env._("Booked to %(places)s.", places=format_list(self.env, places)))
        else:
            texts.append(
                self.env._(
                    "No account yet for %(category)s: the settlement waits for one.",
                    category=category_label(self.env, category),
                )
            )
        return "\n".join(texts)

    def _places(self, company, category):
        """Name the accounts and taxes of a category: first where nothing is limited."""
        mappings = self.env["sp.account.mapping"].sudo().with_context(active_test=False)
        found = mappings.search(
            Domain("company_id", "parent_of", company.id) & Domain("category", "=", category)
        )
        names = dict.fromkeys(
            self._name_place(mapping)
            for mapping in found.sorted(lambda mapping: bool(mapping.marketplace_id))
        )
        return list(names)[:_SHOWN]

    def _name_place(self, mapping):
        """Name the account and the tax of a line of the account mapping."""
        account = mapping.account_id.display_name
        if mapping.tax_ids:
            tax = format_list(self.env, mapping.tax_ids.mapped("name"))
        else:
            modes = dict(mapping._fields["tax_mode"]._description_selection(self.env))
            tax = modes[mapping.tax_mode]
        return f"{account} ({tax})"

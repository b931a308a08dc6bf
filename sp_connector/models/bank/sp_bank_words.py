"""What the engine's codes of bank matching mean, in a bookkeeper's words."""

from odoo import api, models
from odoo.tools import format_date, format_list


class SpBankWords(models.AbstractModel):
    """Says why something is proposed, and what became of it."""

    _name = "sp.bank.words"
    _description = "Amazon Bank Matching, in Words"

    @api.model
    def _describe_reasons(self, candidate):
        """Say why these could belong together, and what speaks against it."""
        return ". ".join(
            [
                *self._describe_kind(candidate),
                *(
                    text
                    for reason in candidate.reasons
                    if (text := self._describe_reason(reason, candidate))
                ),
            ]
        )

    def _describe_kind(self, candidate):
        settlement = self.env["sp.settlement"].browse(candidate.deposits[:1]).sudo()
        is_converted = candidate.kind == "converted"
        currency = settlement.company_currency_id if is_converted else settlement.currency_id
        amount = currency.format(float(candidate.difference)) if currency else ""
        match candidate.kind:
            case "exact":
                yield self.env._("The same amount")
            case "several":
                yield self.env._("%(count)s settlements together", count=len(candidate.deposits))
            case "transfers":
                yield self.env._("%(count)s transfers together", count=len(candidate.lines))
            case "fee":
                yield self.env._("The bank took %(amount)s off", amount=amount)
            case "converted":
                yield self.env._(
                    "In another currency; booked less brought: %(amount)s", amount=amount
                )
            case "part":
                yield self.env._("A part; %(amount)s stay open", amount=amount)
            case "returned":
                yield self.env._("The second line takes back what the first one brought")

    def _describe_reason(self, reason, candidate):
        match reason:
            case "named":
                return self.env._("The bank names the settlement ID")
            case "words":
                return self.env._("The bank names Amazon")
            case "partner":
                return self.env._("The partner is Amazon")
            case "place":
                return self.env._("On the marketplace's bank account")
            case "days":
                return self._describe_days(candidate.days)
            case "rivals":
                return self.env._("Something else would fit too")
            case "crowded":
                return self.env._("Much would fit here")
            case "pending":
                return self.env._("The settlement is not posted")
            case "names_other":
                return self.env._("The bank names another settlement")
            case "late":
                if candidate.kind == "returned":
                    return ""
                return self.env._("Outside of the days in which payouts arrive")
            case "no_words":
                return self.env._("Nothing of the line says Amazon")

    def _describe_days(self, days):
        if not days:
            return self.env._("On the deposit date")
        if abs(days) == 1:
            after, before = (
                self.env._("The day after the deposit date"),
                self.env._("The day before the deposit date"),
            )
            return after if days > 0 else before
        if days < 0:
            return self.env._("%(days)s days before the deposit date", days=-days)
        return self.env._("%(days)s days after the deposit date", days=days)

    @api.model
    def _name_lines(self, lines):
        """Name bank lines: day, label, amount."""
        return format_list(
            self.env,
            [
                f"{format_date(self.env, line.date)} {line.payment_ref or line.move_id.name or ''} "
                f"{line.currency_id.format(line.amount)}"
                for line in lines
            ],
        )

    @api.model
    def _describe_match(self, candidate, lines):
        """Say on a settlement what was matched, and why."""
        names = self._name_lines(lines)
        if candidate.kind == "returned":
            return self.env._("The bank sent the payout back: %(lines)s.", lines=names)
        return self.env._(
            "Matched with the bank line %(lines)s. %(why)s.",
            lines=names,
            why=self._describe_reasons(candidate),
        )

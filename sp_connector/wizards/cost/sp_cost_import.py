import base64

from odoo import fields, models
from odoo.tools import format_list

from ...engine.cost.table import COLUMNS, read_costs

#: So many lines that are wrong are told at once.
_TOLD = 50


class SpCostImport(models.TransientModel):
    """Costs of SKUs from a CSV file: all of them, or none and what is wrong with each line."""

    _name = "sp.cost.import"
    _description = "Amazon Costs of SKUs From a File"
    _rec_name = "file_name"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    file = fields.Binary("CSV File", attachment=False)
    file_name = fields.Char()
    fault_text = fields.Text("What Is Wrong", readonly=True)

    def action_import(self):
        """Store the costs of the file, or say what is wrong with it and store nothing."""
        self.ensure_one()
        costs, faults = read_costs(base64.b64decode(self.file or b""))
        if faults:
            self.fault_text = self._say(faults)
            return self._get_records_action(name=self.env._("Import Costs"), target="new")
        new, changed = self.env["sp.sku.cost"]._take_over(
            self.company_id,
            {(one.sku, one.day or False): float(one.cost) for one in costs},
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s costs read: %(new)s are new, %(changed)s changed, %(same)s were "
                    "known.",
                    count=len(costs),
                    new=new,
                    changed=changed,
                    same=len(costs) - new - changed,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === IN WORDS === #

    def _say(self, faults):
        """Say what is wrong: where, what, and what to do."""
        texts = []
        for fault in faults[:_TOLD]:
            text = getattr(self, f"_say_{fault.code}")(**fault.values)
            if fault.line:
                text = self.env._("Line %(number)s: %(text)s", number=fault.line, text=text)
            texts.append(text)
        if (more := len(faults) - _TOLD) > 0:
            texts.append(self.env._("… and %(count)s lines more.", count=more))
        return "\n".join(texts)

    def _say_too_large(self, size):
        return self.env._("The file is larger than %(size)s MB. Divide it.", size=size)

    def _say_not_text(self):
        return self.env._("This is no CSV file. Save the sheet as CSV (UTF-8) and choose that.")

    def _say_empty(self):
        return self.env._("No line stands below the names of the columns.")

    def _say_unknown_column(self, columns):
        return self.env._(
            "Nobody knows the columns %(columns)s. Name them SKU, Valid From and Unit Cost, and "
            "delete all others.",
            columns=columns,
        )

    def _say_column_twice(self):
        return self.env._("Two columns mean the same. Delete one of them.")

    def _say_no_column(self, columns):
        names = {"sku": self.env._("SKU"), "cost": self.env._("Unit Cost")}
        assert names.keys() <= COLUMNS.keys()
        return self.env._(
            "The first line lacks the column %(columns)s.",
            columns=format_list(self.env, [names[column] for column in columns]),
        )

    def _say_too_wide(self, count, expected):
        return self.env._(
            "%(count)s cells below %(expected)s columns. Quote a cell that holds the separator: "
            '"2,50".',
            count=count,
            expected=expected,
        )

    def _say_no_sku(self):
        return self.env._("The SKU is missing.")

    def _say_no_cost(self):
        return self.env._("The cost is missing. Delete the line if nobody knows it.")

    def _say_bad_cost(self, text, digits):
        return self.env._(
            "«%(text)s» is no cost. Write a number with at most %(digits)s decimals.",
            text=text,
            digits=digits,
        )

    def _say_two_costs(self, text):
        return self.env._(
            "«%(text)s» can be thousands or three decimals. Write two or four decimals.", text=text
        )

    def _say_negative(self, text):
        return self.env._("«%(text)s» is below zero. A cost is above.", text=text)

    def _say_zero(self, free):
        return self.env._(
            "A cost of zero. Write %(free)s where the SKU costs nothing on purpose.", free=free
        )

    def _say_bad_date(self, text):
        return self.env._("«%(text)s» is no date. Write 2026-12-31.", text=text)

    def _say_two_dates(self, text):
        return self.env._(
            "«%(text)s» can be read with the day or the month first. Write 2026-12-31.", text=text
        )

    def _say_twice(self, sku, first):
        return self.env._(
            "%(sku)s has a cost from that day on in line %(first)s already. Delete one of them.",
            sku=sku,
            first=first,
        )

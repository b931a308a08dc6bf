from odoo import models


class SpExported(models.AbstractModel):
    """Texts of Amazon's files leave Odoo as texts: a spreadsheet must not run a SKU ``=…``.

    Odoo's own export guards CSV in this way, and not XLSX.
    """

    _name = "sp.exported"
    _description = "Amazon Texts Without Formulas"

    def export_data(self, fields_to_export):
        """Put an apostrophe before texts that a spreadsheet takes for a formula."""
        answer = super().export_data(fields_to_export)
        answer["datas"] = [[_harmless(cell) for cell in row] for row in answer["datas"]]
        return answer


def _harmless(cell):
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@{\t\r") else cell

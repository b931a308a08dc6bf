"""Uploads of settlement files go to the file store piece by piece, whatever their size."""

import json

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.binary import Binary


class SettlementUpload(Binary):
    @http.route()
    def upload_attachment(self, model, id, ufile, callback=None):  # noqa: A002 (Odoo's own name)
        """Keep files of the import wizard; Odoo would read each into memory."""
        if model != "sp.settlement.import" or callback:
            return super().upload_attachment(model, id, ufile, callback)
        answers = []
        for file in request.httprequest.files.getlist("ufile"):
            vals = {"name": file.filename, "res_model": model, "res_id": int(id)}
            attachment = request.env["ir.attachment"]._sp_create_streamed(
                [vals], lambda file=file: file.stream
            )
            attachment._post_add_create()
            answers.append(
                {
                    "filename": attachment.name.replace("<", ""),
                    "mimetype": attachment.mimetype,
                    "id": attachment.id,
                    "size": attachment.file_size,
                }
            )
        return json.dumps(answers)

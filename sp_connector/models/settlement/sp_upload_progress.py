from odoo import fields, models


class SpUploadProgress(models.Model):
    """How far the worker is with an upload; written by ``upload_watch.Watch`` alone."""

    _name = "sp.upload.progress"
    _description = "Progress of an Uploaded Amazon File"
    _log_access = False

    upload_id = fields.Many2one("sp.upload", required=True, ondelete="cascade")
    percent = fields.Integer()
    row_done = fields.Integer()
    row_count = fields.Integer()
    starts = fields.Integer(help="How often it was begun and never ended.")
    started_at = fields.Datetime()
    seen_at = fields.Datetime()
    is_cancelled = fields.Boolean()

    _upload_unique = models.Constraint("UNIQUE(upload_id)", "One progress for an upload.")

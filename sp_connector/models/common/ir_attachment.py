import contextlib
import hashlib
import io
import os
import uuid

from odoo import api, models

_CHUNK = 1024**2


class IrAttachment(models.Model):
    """Files of hundreds of megabytes: never whole in memory, and once on the disk."""

    _inherit = "ir.attachment"

    def _sp_opener(self, opens=None):
        """Return a function that opens the bytes as a binary stream, without asking the database.

        :param opens: a function that opens a path for reading, if not ``open``

        :raises FileNotFoundError: its file is no longer in the file store
        """
        self.ensure_one()
        if self.store_fname and self._storage() == "file":
            path = self._full_path(self.store_fname)
            os.stat(path)
            return lambda: opens(path) if opens else open(path, "rb")  # noqa: SIM115
        raw = self.raw or b""
        return lambda: io.BytesIO(raw)

    def _sp_is_archive(self):
        """Tell whether an attachment is a ZIP archive."""
        with self._sp_opener()() as stream:
            return stream.read(4) == b"PK\x03\x04"

    @api.model
    def _sp_create_streamed(self, vals_list, opener):
        """Create attachments that all hold the same bytes, which are streamed to the file store.

        :param opener: a function that opens the bytes as a binary stream
        """
        if self._storage() != "file":  # Odoo knows no other way into a store that is not its own
            with contextlib.closing(opener()) as stream:
                raw = stream.read()
            return self.create([{**vals, "raw": raw} for vals in vals_list])
        # First the records: Odoo's collector of garbage waits for who writes any, and would take
        # a file away that is on its way. What a transaction leaves behind that ends here, it takes.
        attachments = self.create(vals_list)
        attachments.flush_recordset()
        arriving = f"sp/{uuid.uuid4().hex}"
        self._mark_for_gc(arriving)
        checksum, size = _stream(opener, self._full_path(arriving))
        name = f"{checksum[:2]}/{checksum}"  # as ir.attachment._get_path
        self._mark_for_gc(name)
        os.makedirs(os.path.dirname(self._full_path(name)), exist_ok=True)
        os.replace(self._full_path(arriving), self._full_path(name))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self._full_path("checklist"), arriving))
        return attachments._sp_point_to(name, checksum, size)

    def _sp_create_sharing(self, vals_list):
        """Create attachments with this one's bytes; in the file store they are one file."""
        self.ensure_one()
        if not self.store_fname:
            return self.create([{**vals, "raw": self.raw} for vals in vals_list])
        attachments = self.create(vals_list)
        return attachments._sp_point_to(self.store_fname, self.checksum, self.file_size)

    def _sp_point_to(self, store_fname, checksum, size):
        vals = {"store_fname": store_fname, "checksum": checksum, "file_size": size}
        # Past Odoo's own ``write``, which drops what no caller may say.
        models.BaseModel.write(self, vals)
        self.flush_recordset()
        return self


def _stream(opener, path):
    """Copy a stream to a new file; return (its SHA-1 as Odoo wants it, its size)."""
    digest, size = hashlib.sha1(usedforsecurity=False), 0
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with contextlib.closing(opener()) as stream, open(path, "xb") as copy:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
    return digest.hexdigest(), size

"""What a worker says of the file it reads while it reads it, and what people ask of it."""

import io
import time

from odoo import fields

_STEP = 1.0


class Cancelled(Exception):
    """Somebody cancelled the import."""


class Watch:
    """Counts what is read of an upload; says it once a second, in transactions of its own.

    The import is one transaction that nobody sees before its end, and its lock is on the upload:
    so this is told in a table of its own, ``sp.upload.progress``, through a cursor of its own.

    :param upload: a ``sp.upload``
    """

    def __init__(self, upload):
        self._registry, self._id = upload.env.registry, upload.id
        self._size, self._read, self._next = 1, 0, 0.0
        self._row_count = self._row_done = 0
        self.is_cancelled = False

    # -- what people ask

    def cancel(self):
        """Ask the worker that reads the file to stop."""
        self._execute("UPDATE sp_upload_progress SET is_cancelled = true WHERE upload_id = %(id)s")

    def forget(self):
        """Forget what was said of former readings."""
        self._execute("DELETE FROM sp_upload_progress WHERE upload_id = %(id)s")

    # -- what the worker says

    def start(self, size):
        """Note that a file is read now; return how often that was begun and never ended."""
        self._size = max(size, 1)
        self._next = time.monotonic() + _STEP
        answer = self._execute(
            """
            INSERT INTO sp_upload_progress AS p
                        (upload_id, percent, row_done, row_count, starts, started_at, seen_at)
                 VALUES (%(id)s, 0, 0, 0, 1, %(now)s, %(now)s)
            ON CONFLICT (upload_id) DO UPDATE
                    SET percent = 0, row_done = 0, row_count = 0, starts = p.starts + 1,
                        started_at = %(now)s, seen_at = %(now)s, is_cancelled = false
              RETURNING starts
            """
        )
        return answer[0]

    def end(self):
        """Note that the file was read, with whatever result."""
        self._execute("UPDATE sp_upload_progress SET starts = 0 WHERE upload_id = %(id)s")

    def open(self, path):
        """Open a file whose reading is watched."""
        return io.BufferedReader(_Watched(path, self), 256 * 1024)

    def expect(self, row_count):
        """Note that all is known of a file and its rows are stored now."""
        self._row_count, self._row_done, self._read = row_count, 0, 0

    def note(self, size):
        """Count bytes that were read.

        :raises Cancelled: somebody asked for it
        """
        self._read += size
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _STEP
        if self._row_count:
            part = min(self._read / self._size, 1)
            percent, self._row_done = 50 + 49 * part, int(part * self._row_count)
        else:
            percent = min(50 * self._read / self._size, 50)
        answer = self._execute(
            """
            UPDATE sp_upload_progress
               SET percent = %(percent)s, row_done = %(done)s, row_count = %(count)s,
                   seen_at = %(now)s
             WHERE upload_id = %(id)s
         RETURNING is_cancelled
            """,
            percent=int(percent),
            done=self._row_done,
            count=self._row_count,
        )
        if answer and answer[0]:
            self.is_cancelled = True
            raise Cancelled

    def _execute(self, query, **values):
        with self._registry.cursor() as cr:
            cr.execute(query, {"id": self._id, "now": fields.Datetime.now(), **values})
            return cr.fetchone() if "RETURNING" in query else None


class _Watched(io.FileIO):
    def __init__(self, path, watch):
        super().__init__(path)
        self._watch = watch

    def readinto(self, buffer):
        size = super().readinto(buffer)
        self._watch.note(size or 0)
        return size

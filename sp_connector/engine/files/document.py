"""From bytes to lines of text: compression, character set, line ends, fingerprint.

A document is opened as often as it is needed and read in pieces, so memory does not grow with
the file. The character set is found in this order: byte order mark, declared charset, strict
UTF-8, then cp932 for yen files and cp1252 for all others.
ISO-8859-1 is never tried first, nor believed where the bytes are UTF-8: it cannot fail and garbles
in silence.

Facts: docs/facts/settlement-files.md, "Bytes" and "Character sets".
"""

import codecs
import gzip
import hashlib
import io
import re
import zipfile
import zlib

from ..errors import BadDocument

MAX_BYTES = 512 * 1024**2  # unpacked; the largest file known has 10.7 MB for 55,000 rows
MAX_LINES = 5_000_000
MAX_LINE = 1024**2
#: Settlements are packed to a tenth or a fiftieth; more than this, of a large file, is an attack.
MAX_RATIO, FREE_BYTES = 250, 16 * 1024**2
MAX_MEMBERS = 1000
_CHUNK = 256 * 1024
_TEXT_CHUNK = 16 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),  # "Unicode text" of a spreadsheet
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Names Amazon has sent in Content-Type that Python does not know ("Character sets").
_DECLARED = {"cp1252": "cp1252", "windows-31j": "cp932", "utf8": "utf-8"}
_YEN = re.compile(rb"[\t,;\"]JPY[\t,;\"\r\n]|Amazon\.co\.jp")
#: Control characters of ISO-8859; letters of Windows and of Japanese.
_CONTROLS = re.compile(rb"[\x80-\x9f]").search
_DAMAGE = (EOFError, OSError, zlib.error)


def _cp1252_gap(error):
    """Decode the five bytes that cp1252 leaves undefined as ISO-8859-1 does: nothing is lost."""
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("sp_connector.latin1", _cp1252_gap)


class Document:
    """One report file.

    :param name: file name, for messages
    :param source: the bytes, or a function that opens them anew as a binary stream
    :param charset: what the download's Content-Type declared, if anything
    :raises BadDocument: the bytes are empty, damaged, or of a kind that never is a settlement
    """

    def __init__(self, name, source, charset=None):
        self.name = name
        self._source = (lambda: io.BytesIO(source)) if isinstance(source, bytes) else source
        with self._source() as stream:
            self._gzip = stream.read(2) == b"\x1f\x8b"
        #: Hex SHA-256 of the content as it was before compression.
        self.sha256 = None
        self.size = 0
        self.encoding = self._inspect(charset)

    def _open(self):
        stream = self._source()
        if not self._gzip:
            return stream
        unpacked = gzip.GzipFile(fileobj=stream)
        unpacked.myfileobj = stream  # closed together with it
        return unpacked

    def _inspect(self, charset):
        """Read once: fingerprint, size and character set."""
        digest = hashlib.sha256()
        utf8, cp932 = _Validity("utf-8"), _Validity("cp932")
        lines, has_controls = 0, False
        head = b""
        with self._open() as stream:
            while chunk := _read(stream.read, _CHUNK):
                if not self.size:
                    head = chunk
                    _refuse_by_magic(head)
                self.size += len(chunk)
                lines += max(chunk.count(b"\n"), chunk.count(b"\r"))
                self._refuse_by_size(lines)
                digest.update(chunk)
                utf8.feed(chunk)
                cp932.feed(chunk)
                has_controls = has_controls or bool(_CONTROLS(chunk))
        if not head.strip():
            raise BadDocument(
                "empty", "The file is empty. Download the settlement again (Flat File V2)."
            )
        valid = utf8.end()
        self.sha256 = digest.hexdigest()
        for bom, name in _BOMS:
            if head.startswith(bom):
                return name
        declared = _known(charset)
        # A European charset cannot fail: declared for what is UTF-8, it would garble in silence.
        european = bool(declared) and declared.startswith(("iso8859", "cp125"))
        japanese = bool(_YEN.search(head)) and cp932.end()
        # Where its letters would be control characters, it is not what was declared.
        garbles = european and (valid or has_controls and (japanese or declared[:3] == "iso"))
        if declared and not garbles and not (declared == "utf-8" and not valid):
            return declared
        if valid:
            return "utf-8"
        return "cp932" if _YEN.search(head) else "cp1252"

    def _refuse_by_size(self, lines):
        """Stop before work and memory grow beyond what any settlement needs."""
        if self.size > MAX_BYTES or lines > MAX_LINES:
            raise BadDocument(
                "too_large",
                f"The file is larger than {MAX_BYTES >> 20} MB or {MAX_LINES:,} lines.",
            )
        if self._gzip and self.size > FREE_BYTES:
            with self._source() as stream:
                packed = stream.seek(0, io.SEEK_END)
            if self.size > packed * MAX_RATIO:
                raise _too_dense()

    def read(self):
        """Return the bytes as they were received."""
        with self.stream() as stream:
            return stream.read()

    def stream(self):
        """Open the bytes as they were received, for keeping the file."""
        return self._source()

    def lines(self):
        """Yield (line number from 1, text without its line end); LF, CRLF and CR all end a line.

        :raises BadDocument: the bytes break off, or a line is absurdly long
        """
        # For every charset: an odd byte must not lose the row, the sum still proves it.
        errors = "replace" if self.encoding.startswith("utf-16") else "sp_connector.latin1"
        with self._open() as stream:
            text = io.TextIOWrapper(stream, encoding=self.encoding, errors=errors, newline=None)
            number, rest = 0, ""
            # Split in pieces: blank lines by the million cost next to nothing.
            while chunk := _read(text.read, _TEXT_CHUNK):
                *lines, rest = (rest + chunk).split("\n")
                if max(len(rest), len(lines[0]) if lines else 0) >= MAX_LINE:
                    raise BadDocument(
                        "not_text", "This line has no end: not a text file.", number + 1
                    )
                for line in lines:
                    number += 1
                    yield number, line
            if rest:
                yield number + 1, rest


class _Validity:
    """Tells whether bytes that come in pieces are valid in a character set."""

    def __init__(self, charset):
        self._decoder = codecs.getincrementaldecoder(charset)()
        self._valid = True

    def feed(self, chunk, final=False):
        if self._valid:
            try:
                self._decoder.decode(chunk, final)
            except UnicodeDecodeError:
                self._valid = False

    def end(self):
        self.feed(b"", final=True)
        return self._valid


def open_all(name, source, charset=None):
    """Yield (name, function that builds its Document) for a file or each file in a ZIP archive.

    :param source: the bytes, or a function that opens them anew as a binary stream
    :raises BadDocument: the archive itself cannot be read
    """
    opener = (lambda: io.BytesIO(source)) if isinstance(source, bytes) else source
    with opener() as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"
    if not is_zip:
        yield name, lambda: Document(name, source, charset)
        return
    try:
        with opener() as stream, zipfile.ZipFile(stream) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
    # zipfile says NotImplementedError to an archive of a later version or kind.
    except (zipfile.BadZipFile, *_DAMAGE, ValueError, NotImplementedError) as error:
        raise BadDocument(
            "damaged_zip", "The ZIP archive is damaged. Pack or download it again."
        ) from error
    if any(info.filename == "[Content_Types].xml" for info in members):
        raise BadDocument(
            "spreadsheet",
            "This is an Excel workbook. Upload the file as Amazon gives it: Seller Central, "
            "Payments, All Statements, Download Flat File V2.",
        )
    if len(members) > MAX_MEMBERS:
        raise BadDocument("too_large", f"The ZIP archive holds more than {MAX_MEMBERS} files.")
    # What macOS adds to archives is not the user's file.
    members = [info for info in members if not info.filename.startswith("__MACOSX/")]
    if not members:
        raise BadDocument("empty", "The ZIP archive holds no file.")
    if sum(info.file_size for info in members) > MAX_BYTES:
        raise BadDocument(
            "too_large",
            f"The files of the ZIP archive are larger than {MAX_BYTES >> 20} MB together. Upload "
            "them in several archives.",
        )
    for info in members:
        yield info.filename.rsplit("/", 1)[-1], _member(opener, info)


def _member(opener, info):
    """Return a function that builds the Document of one file in an archive."""

    def build():
        if info.flag_bits & 1:
            raise BadDocument("encrypted", "The ZIP archive is encrypted. Unpack it first.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadDocument("damaged_zip", "The ZIP archive is of a rare kind. Unpack it first.")
        if info.file_size > max(FREE_BYTES, info.compress_size * MAX_RATIO):
            raise _too_dense()
        try:
            return Document(info.filename.rsplit("/", 1)[-1], lambda: _OpenMember(opener(), info))
        except (zipfile.BadZipFile, *_DAMAGE, RuntimeError, ValueError, BadDocument) as error:
            if isinstance(error, BadDocument) and error.problem.code != "damaged":
                raise
            raise BadDocument(
                "damaged_zip", "The ZIP archive is damaged. Pack or download it again."
            ) from error

    return build


class _OpenMember(io.BufferedReader):
    """One file of an archive, unpacked while it is read: memory does not grow with it."""

    def __init__(self, stream, info):
        self._owners = [stream]
        try:
            archive = zipfile.ZipFile(stream)
            self._owners.insert(0, archive)
            super().__init__(archive.open(info))
        except BaseException:
            self._close_owners()
            raise

    def close(self):
        result = super().close()
        self._close_owners()
        return result

    def _close_owners(self):
        for owner in self._owners:
            owner.close()


def _too_dense():
    return BadDocument(
        "too_large",
        f"The file is packed to less than a {MAX_RATIO}th of its size, as no settlement is. Unpack "
        "it and upload the text.",
    )


def _read(read, size):
    """Call a stream's ``read`` or ``readline``; what damaged bytes raise becomes BadDocument."""
    try:
        return read(size)
    except (*_DAMAGE, zipfile.BadZipFile) as error:
        raise BadDocument(
            "damaged",
            "The file breaks off: its compressed data are incomplete. Download it again.",
        ) from error
    except UnicodeError as error:
        raise BadDocument(
            "not_text", "The file is not text. Download the settlement again (Flat File V2)."
        ) from error


def _known(charset):
    if not charset:
        return None
    name = _DECLARED.get(charset.strip().strip('"').lower(), charset)
    try:
        b"x".decode(name, "replace")  # also refuses what is no character set, such as «hex»
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        return None


def _refuse_by_magic(head):
    if head.startswith(b"%PDF"):
        kind = "a PDF"
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        kind = "an Excel workbook"
    elif b"\x00" in head[:1024] and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        kind = "a program's own format, not text"
    else:
        return
    raise BadDocument(
        "not_text",
        f"This is {kind}. Upload the file as Amazon gives it: Seller Central, Payments, "
        "All Statements, Download Flat File V2.",
    )
